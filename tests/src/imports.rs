//! Which file of a crate uses which and what it defines, read from its sources, for the tests that hold the direction
//! between files and the names in them.
//!
//! Every path counts that begins with `crate`, `self`, `super` or a module of the file, in a `use` or elsewhere. It leads
//! to the file that defines what it names: a `pub use` in between is followed, and handing a name on is no use of it.
//! What stands under `#[cfg(test)]` does not count. A name that comes through a glob counts as one of the file with the
//! glob.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The files of a crate by their paths below `src`, such as `auth/guard.rs`, each with the files that it uses.
#[derive(Debug)]
pub struct Imports(BTreeMap<String, BTreeSet<String>>);

impl Imports {
    /// Reads the library or program whose root is this file of a folder.
    pub fn of_folder(src: &Path, root: &str) -> Imports {
        Imports::of_sources(&|file| std::fs::read_to_string(src.join(file)).ok(), root)
    }

    /// Reads the library or program whose files `source` returns by their paths.
    fn of_sources(source: ReadSource<'_>, root: &str) -> Imports {
        let mut modules = Modules::default();
        modules.read_file(source, root, &[]);
        modules.imports()
    }

    /// Returns every file with the files that it uses.
    pub fn files(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.0.iter().map(|(file, used)| (file.as_str(), used))
    }

    /// Returns the files that reach each other, by what they use and what that uses in turn; a file that reaches itself
    /// through no other one is no circle.
    pub fn circles(&self) -> BTreeSet<BTreeSet<String>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.0.keys().map(|file| (file.as_str(), self.reached_from(file))).collect();
        let circle = |file: &str| -> BTreeSet<String> {
            let back = |other: &&&str| reached[**other].contains(file);
            reached[file].iter().filter(back).map(|other| (*other).to_owned()).collect()
        };
        self.0.keys().map(|file| circle(file)).filter(|circle| circle.len() > 1).collect()
    }

    fn reached_from<'f>(&'f self, file: &'f str) -> BTreeSet<&'f str> {
        let (mut reached, mut next) = (BTreeSet::new(), vec![file]);
        while let Some(file) = next.pop() {
            next.extend(self.0[file].iter().map(String::as_str).filter(|used| reached.insert(*used)));
        }
        reached
    }
}

/// What a file defines.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Items {
    /// The names of its types: structs, enums, unions, traits and aliases, but not those of a trait or an `impl`, and not
    /// those that macros name.
    pub types: Vec<String>,
    /// The names of its public items without a comment. Modules, fields and variants are none.
    pub undocumented: Vec<String>,
}

/// Returns what the files of a library or program define, by the paths of the files below `src`.
pub fn items_of_target(src: &Path, root: &str) -> BTreeMap<String, Items> {
    let mut modules = Modules::default();
    modules.read_file(&|file| std::fs::read_to_string(src.join(file)).ok(), root, &[]);
    modules.0.into_values().filter_map(|module| Some((module.file, module.items?))).collect()
}

/// Returns the text of a file by its path.
type ReadSource<'s> = &'s dyn Fn(&str) -> Option<String>;

/// The modules of a crate by their paths; that of the root is empty.
#[derive(Default)]
struct Modules(BTreeMap<Vec<String>, Module>);

/// What a module says, without the modules in it.
#[derive(Default)]
struct Module {
    file: String,
    uses: Vec<Use>,
    /// The paths outside of `use`.
    paths: Vec<Vec<String>>,
    /// What the whole file defines, where the module is one.
    items: Option<Items>,
}

/// One name that a `use` brings in.
#[derive(Debug, Clone)]
struct Use {
    path: Vec<String>,
    /// `None` for a glob.
    name: Option<String>,
    /// Whether others get the name here, too.
    hands_on: bool,
}

impl Modules {
    fn read_file(&mut self, source: ReadSource<'_>, file: &str, module: &[String]) {
        let text = source(file).unwrap_or_else(|| panic!("there is no file {file}"));
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
        let tokens = tokens_of(tokens);
        let items = Some(Items { types: types_in(&tokens, false), undocumented: undocumented_in(&tokens) });
        self.0.insert(module.to_vec(), Module { file: file.to_owned(), items, ..Module::default() });
        self.read(source, module, &tokens);
    }

    fn read(&mut self, source: ReadSource<'_>, module: &[String], tokens: &[Token]) {
        let mut rest = tokens;
        while let Some(first) = rest.first() {
            rest = match rest {
                [Token::Mark('#'), Token::Group(Delimiter::Bracket, attribute), after @ ..] => {
                    if is_for_tests(attribute) { after_item(after) } else { after }
                }
                [pub_, use_, after @ ..] if pub_.is("pub") && use_.is("use") => self.read_use(module, after, true),
                [pub_, Token::Group(..), use_, after @ ..] if pub_.is("pub") && use_.is("use") => {
                    self.read_use(module, after, true)
                }
                [use_, after @ ..] if use_.is("use") => self.read_use(module, after, false),
                [mod_, Token::Word(name), Token::Mark(';'), after @ ..] if mod_.is("mod") => {
                    let child = child(module, name);
                    self.read_file(source, &format!("{}.rs", child.join("/")), &child);
                    after
                }
                [mod_, Token::Word(name), Token::Group(_, body), after @ ..] if mod_.is("mod") => {
                    let child = child(module, name);
                    let file = self.at(module).file.clone();
                    self.0.insert(child.clone(), Module { file, ..Module::default() });
                    self.read(source, &child, body);
                    after
                }
                [Token::Word(_), ..] => {
                    let (path, after) = path_at(rest);
                    self.at(module).paths.push(path);
                    after
                }
                [_, after @ ..] => {
                    if let Token::Group(_, inside) = first {
                        self.read(source, module, inside);
                    }
                    after
                }
                [] => rest,
            };
        }
    }

    /// Reads what stands between a `use` and its semicolon, and returns what comes after.
    fn read_use<'t>(&mut self, module: &[String], tokens: &'t [Token], hands_on: bool) -> &'t [Token] {
        let end = tokens.iter().position(|token| matches!(token, Token::Mark(';'))).unwrap_or(tokens.len());
        for one in tokens[..end].split(|token| matches!(token, Token::Mark(','))) {
            self.at(module).uses.extend(uses_of(one, &[], hands_on));
        }
        &tokens[end..]
    }

    fn at(&mut self, module: &[String]) -> &mut Module {
        self.0.get_mut(module).expect("a module is known before what stands in it is read")
    }

    fn imports(&self) -> Imports {
        let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (at, module) in &self.0 {
            let words: BTreeSet<&String> = module.paths.iter().filter_map(|path| path.first()).collect();
            let used_here = |one: &&Use| !one.hands_on || one.name.as_ref().is_none_or(|name| words.contains(name));
            let paths = module.uses.iter().filter(used_here).map(|one| &one.path);
            // Of one word is `self` or the `crate` of a visibility.
            let paths = paths.chain(module.paths.iter().filter(|path| path.len() > 1));
            let used = paths.filter_map(|path| self.file_of(at, path)).filter(|file| *file != module.file);
            files.entry(module.file.clone()).or_default().extend(used);
        }
        Imports(files)
    }

    /// Returns the file that defines what a path in a module names; `None` where that is not of this crate.
    fn file_of(&self, from: &[String], path: &[String]) -> Option<String> {
        let (mut at, mut rest) = match path.first()?.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (from.to_vec(), &path[1..]),
            "super" => (from.to_vec(), path),
            name if self.0.contains_key(&child(from, name)) => (from.to_vec(), path),
            _ => return None,
        };
        while let [name, after @ ..] = rest {
            let below = child(&at, name);
            if name == "super" {
                at.pop();
            } else if self.0.contains_key(&below) {
                at = below;
            } else {
                break;
            }
            rest = after;
        }
        let module = self.0.get(&at)?;
        let [name, after @ ..] = rest else { return Some(module.file.clone()) };
        let handed_on = module.uses.iter().find(|one| one.name.as_ref() == Some(name));
        let defined = handed_on.and_then(|one| self.file_of(&at, &[&one.path, after].concat()));
        Some(defined.unwrap_or_else(|| module.file.clone()))
    }
}

fn child(module: &[String], name: &str) -> Vec<String> {
    [module, &[name.to_owned()]].concat()
}

/// What matters here of a token. Comments, literals and single colons are left out.
#[derive(Debug, Clone)]
enum Token {
    Word(String),
    /// `::`
    PathSeparator,
    Mark(char),
    Group(Delimiter, Vec<Token>),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(own) if own == word)
    }
}

fn tokens_of(stream: TokenStream) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut colons = 0;
    for tree in stream {
        let is_colon = matches!(&tree, TokenTree::Punct(mark) if mark.as_char() == ':');
        colons = if is_colon { colons + 1 } else { 0 };
        match tree {
            TokenTree::Punct(_) if colons == 2 => tokens.push(Token::PathSeparator),
            TokenTree::Punct(_) if is_colon => {}
            TokenTree::Punct(mark) => tokens.push(Token::Mark(mark.as_char())),
            TokenTree::Ident(word) => tokens.push(Token::Word(word.to_string())),
            TokenTree::Group(group) => tokens.push(Token::Group(group.delimiter(), tokens_of(group.stream()))),
            // Else what stands on both sides of it would stand side by side.
            TokenTree::Literal(_) => tokens.push(Token::Mark('"')),
        }
    }
    tokens
}

/// Returns the path that begins here, and what comes after.
fn path_at(tokens: &[Token]) -> (Vec<String>, &[Token]) {
    let mut path = Vec::new();
    let mut rest = tokens;
    while let [Token::Word(word), after @ ..] = rest {
        path.push(word.clone());
        match after {
            [Token::PathSeparator, next @ ..] if matches!(next, [Token::Word(_), ..]) => rest = next,
            _ => return (path, after),
        }
    }
    (path, rest)
}

/// Returns the names that one branch of a `use` brings in.
fn uses_of(branch: &[Token], before: &[String], hands_on: bool) -> Vec<Use> {
    let mut path = before.to_vec();
    let mut rest = branch;
    while let [first, after @ ..] = rest {
        match first {
            Token::Word(word) if word == "as" => {
                let name = after
                    .first()
                    .and_then(|token| if let Token::Word(name) = token { Some(name.clone()) } else { None });
                return vec![Use { path, name, hands_on }];
            }
            // `a::{self}` names `a`.
            Token::Word(word) if word == "self" && !path.is_empty() => {}
            Token::Word(word) => path.push(word.clone()),
            Token::Group(_, branches) => {
                let branches = branches.split(|token| matches!(token, Token::Mark(',')));
                return branches.flat_map(|branch| uses_of(branch, &path, hands_on)).collect();
            }
            Token::Mark('*') => return vec![Use { path, name: None, hands_on }],
            Token::Mark(_) | Token::PathSeparator => {}
        }
        rest = after;
    }
    if branch.is_empty() {
        return Vec::new();
    }
    let name = path.last().cloned();
    vec![Use { path, name, hands_on }]
}

/// Returns the names of the types that are defined here and in all groups; `associated` where this is the inside of a
/// trait or an `impl`, whose own aliases do not count.
fn types_in(tokens: &[Token], associated: bool) -> Vec<String> {
    let mut types = Vec::new();
    let mut rest = tokens;
    // Whether the next group in braces is the inside of a trait or an `impl`.
    let mut opens = false;
    while let Some(first) = rest.first() {
        rest = match rest {
            [Token::Mark('#'), Token::Group(Delimiter::Bracket, attribute), after @ ..] if is_for_tests(attribute) => {
                after_item(after)
            }
            [Token::Word(word), Token::Word(name), after @ ..] if is_type_keyword(word) => {
                if !(associated && word == "type") {
                    types.push(name.clone());
                }
                opens = word == "trait";
                after
            }
            [Token::Group(delimiter, inside), after @ ..] => {
                let is_body = *delimiter == Delimiter::Brace;
                types.extend(types_in(inside, is_body && opens));
                opens &= !is_body;
                after
            }
            [_, after @ ..] => {
                opens |= first.is("impl");
                after
            }
            [] => rest,
        };
    }
    types
}

fn is_type_keyword(word: &str) -> bool {
    matches!(word, "struct" | "enum" | "union" | "trait" | "type")
}

/// Returns the names of the public items without a comment that are defined here and in all groups.
fn undocumented_in(tokens: &[Token]) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = tokens;
    let mut documented = false;
    while let Some(first) = rest.first() {
        rest = match rest {
            [Token::Mark('#'), Token::Group(Delimiter::Bracket, attribute), after @ ..] => {
                documented |= is_comment(attribute);
                if is_for_tests(attribute) { after_item(after) } else { after }
            }
            [pub_, after @ ..] if pub_.is("pub") => {
                names.extend(item_at(after).filter(|_| !documented));
                documented = false;
                after
            }
            [_, after @ ..] => {
                documented = false;
                if let Token::Group(_, inside) = first {
                    names.extend(undocumented_in(inside));
                }
                after
            }
            [] => rest,
        };
    }
    names
}

/// Returns the name of the item that begins after `pub`, if it is one that needs a comment.
fn item_at(tokens: &[Token]) -> Option<String> {
    match tokens {
        [of_fn, after @ ..] if of_fn.is("async") || of_fn.is("unsafe") => item_at(after),
        [const_, fn_, Token::Word(name), ..] if const_.is("const") && fn_.is("fn") => Some(name.clone()),
        [Token::Word(word), Token::Word(name), ..]
            if matches!(&word[..], "fn" | "const" | "static") || is_type_keyword(word) =>
        {
            Some(name.clone())
        }
        _ => None,
    }
}

/// Returns whether an attribute is `doc = "…"`, as which a comment is read; `doc(hidden)` says nothing.
fn is_comment(attribute: &[Token]) -> bool {
    matches!(attribute, [doc, Token::Mark('='), ..] if doc.is("doc"))
}

/// Returns whether an attribute is `cfg(test)`.
fn is_for_tests(attribute: &[Token]) -> bool {
    matches!(attribute, [cfg, Token::Group(_, what)] if cfg.is("cfg") && matches!(&what[..], [test] if test.is("test")))
}

/// Returns what comes after the item that begins here.
fn after_item(tokens: &[Token]) -> &[Token] {
    let is_end = |token: &Token| matches!(token, Token::Mark(';') | Token::Group(Delimiter::Brace, _));
    tokens.iter().position(is_end).map_or(&[], |end| &tokens[end + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The arrows between the files, as `from > to`.
    fn arrows(files: &[(&str, &str)]) -> Vec<String> {
        let imports = imports(files);
        imports.files().flat_map(|(file, used)| used.iter().map(move |used| format!("{file} > {used}"))).collect()
    }

    fn imports(files: &[(&str, &str)]) -> Imports {
        let files: BTreeMap<&str, &str> = files.iter().copied().collect();
        Imports::of_sources(&|file| files.get(file).map(|&text| text.to_owned()), "lib.rs")
    }

    #[test]
    fn paths_lead_to_the_file_that_defines_what_they_name() {
        let files = [
            ("lib.rs", "mod a;\npub mod b;\npub use b::Thing;\nuse std::fmt;"),
            ("a.rs", "use crate::Thing;\npub(crate) struct A;"),
            ("b.rs", "mod c;\npub struct Thing;\npub(super) fn f(a: &crate::a::A) { c::g(a) }"),
            ("b/c.rs", "pub fn g<T>(_: T) {}"),
        ];
        assert_eq!(arrows(&files), ["a.rs > b.rs", "b.rs > a.rs", "b.rs > b/c.rs"]);
    }

    #[test]
    fn every_way_to_write_a_path_counts() {
        for text in [
            "use crate::a::A;",
            "use super::a::{self as b};",
            "use {std::fmt, super::a::*};",
            "use crate::{a::B, a::{A, C as D}};",
            "fn f() { x(|| [super::a::A]) }",
            "macro_rules! m { () => { $crate::a::A }; }",
            "mod inner { use super::super::a::A; }",
            "#[derive(Debug)] struct S { a: crate::a::A }",
            "/// First.\npub(crate) struct S(pub(in crate) crate::a::A);",
        ] {
            let files = [("lib.rs", "mod a; mod b;"), ("a.rs", "pub struct A;"), ("b.rs", text)];
            assert_eq!(arrows(&files), ["b.rs > a.rs"], "{text}");
        }
        for text in [
            "use std::fmt;",
            "// crate::a::A",
            "/// [`crate::a::A`]\nstruct S;",
            "const S: &str = \"crate::a::A\";",
            "#[cfg(test)]\nmod tests { use crate::a::A; }",
            "#[cfg(test)]\nfn a() -> crate::a::A { crate::a::A }",
            "pub(crate) struct S; impl S { fn a(&self) { self.a() } }",
        ] {
            let files = [("lib.rs", "mod a; mod b;"), ("a.rs", "pub struct A;"), ("b.rs", text)];
            assert_eq!(arrows(&files), [""; 0], "{text}");
        }
    }

    #[test]
    fn types_are_those_that_the_code_names() {
        let types = |text: &str| types_in(&tokens_of(text.parse().unwrap()), false);
        let text = "pub struct A<T>(T);\npub(crate) enum B { C, D(u8) }\ntrait E { type F; fn g(); }\ntype H = u8;
            mod inner { struct I { j: u8 } }
            impl E for B { type F = u8; fn g() { struct J; type K = u8; } }
            fn f(l: impl E) {}
            type M = u8;";
        assert_eq!(types(text), ["A", "B", "E", "H", "I", "J", "K", "M"]);
        for text in [
            "#[cfg(test)] struct A;",
            "#[cfg(test)] mod tests { struct A; }",
            "// struct A;",
            "macro_rules! m { ($a:ident) => { struct $a; } }",
            "const A: &str = \"struct A;\";",
        ] {
            assert_eq!(types(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn public_items_without_a_comment_are_found() {
        let text = "pub struct A { pub b: u8 }\n#[derive(Debug)] pub enum C { D }
            impl A { pub fn e(&self) {} pub const fn f() {} pub const G: u8 = 0; pub async fn h() {} fn i() {} }
            /// J\n#[must_use] pub fn j() {}\npub(crate) fn k() {}\npub use l::M;\npub mod n { pub type O = u8; }
            #[cfg(test)] pub fn p() {}
            #[doc(hidden)] pub fn q() {}\n/// R\n#[doc(hidden)] pub fn r() {}\n#[doc = \"S\"] pub fn s() {}";
        assert_eq!(undocumented_in(&tokens_of(text.parse().unwrap())), ["A", "C", "e", "f", "G", "h", "O", "q"]);
    }

    fn one_circle(files: [&str; 2]) -> BTreeSet<BTreeSet<String>> {
        BTreeSet::from([files.map(str::to_owned).into()])
    }

    #[test]
    fn handing_a_name_on_is_no_use_of_it() {
        let on = [("lib.rs", "mod a;"), ("a.rs", "mod b;\npub use b::B;\npub struct A;"), ("a/b.rs", "use super::A;")];
        assert_eq!(arrows(&on), ["a/b.rs > a.rs"]);
        let used = [on[0], ("a.rs", "mod b;\npub use b::B;\npub struct A(B);"), on[2]];
        assert_eq!(arrows(&used), ["a.rs > a/b.rs", "a/b.rs > a.rs"]);
        assert_eq!(imports(&used).circles(), one_circle(["a.rs", "a/b.rs"]));
    }

    #[test]
    fn a_circle_is_found_behind_files_that_are_in_none() {
        let line =
            [("lib.rs", "mod a; mod b; mod c; use a::A;"), ("a.rs", "use crate::b::B;"), ("b.rs", "use crate::c::C;")];
        let open = [&line[..], &[("c.rs", "pub struct C;")]].concat();
        assert_eq!(imports(&open).circles(), BTreeSet::new());
        let closed = [&line[..], &[("c.rs", "fn f() -> super::b::B {}")]].concat();
        assert_eq!(imports(&closed).circles(), one_circle(["b.rs", "c.rs"]));
    }
}
