//! User names made by rule: what the rule makes of a person, before anybody asks who has that name already.
//!
//! A name is `prepend` + core + number + `append`. Only the core is ever cut, so that a number that tells two people
//! apart, and what the organisation puts before and after, are always whole.

mod examples;
mod letters;
mod template;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::model::school_year::end_of_school_year;
use crate::model::{Fields, Grade, SchoolId, Schools, User, UserType, fold};
use crate::settings::accounts::{UsernameMethod, UsernameRule};
use crate::validate::ValidRow;

pub use examples::{Example, examples};
pub use letters::MAX_CHARS;
pub use template::{Field, Template, TemplateError};

/// For how many digits there must always be room beside one character of the name: a million people of one name.
const NUMBER_DIGITS: usize = 6;

/// Makes user names after one rule.
pub struct Maker<'a> {
    rule: &'a UsernameRule,
    /// Of a rule that can't be used, there is nothing to fill in, and every name is empty.
    template: Option<Template>,
    usable: bool,
    schools: &'a Schools,
    /// The year in which the students leave who are in grade 12 now.
    leaving: i32,
}

/// What a name is made of.
#[derive(Debug, Clone, Copy)]
pub struct NameSource<'p> {
    pub first_name: &'p str,
    pub middle_name: &'p str,
    pub last_name: &'p str,
    pub email: &'p str,
    pub custom_id: &'p str,
    pub school: &'p SchoolId,
    pub user_type: UserType,
    pub grade: Grade,
}

/// Why a rule can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("“{0}” can't stand before or after a user name: use letters from a to z, digits and . - _ @")]
    Forbidden(char),
    #[error("a user name has at most {MAX_CHARS} characters")]
    TooLong,
    #[error("a number has at most {} digits", UsernameRule::MAX_DIGITS)]
    TooManyDigits,
    #[error("there is no room for a name: allow at least {0} characters, or put less before and after it")]
    NoRoom(usize),
}

impl UsernameRule {
    /// How many digits a number can be asked to have.
    pub const MAX_DIGITS: u8 = 9;

    /// Checks that names can be made by this rule.
    ///
    /// # Errors
    ///
    /// Why they can't.
    pub fn check(&self) -> Result<(), RuleError> {
        if self.method == UsernameMethod::Template {
            Template::parse(&self.template)?;
        }
        let forbidden = |c: &char| !letters::is_allowed(*c) && *c != '@';
        if let Some(character) = self.prepend.chars().chain(self.append.chars()).find(forbidden) {
            return Err(RuleError::Forbidden(character));
        }
        if self.max_chars > MAX_CHARS {
            return Err(RuleError::TooLong);
        }
        if self.clash.min_digits > UsernameRule::MAX_DIGITS {
            return Err(RuleError::TooManyDigits);
        }
        let digits = NUMBER_DIGITS.max(self.number(self.clash.start.into()).len());
        let needed = self.prepend.len() + self.append.len() + digits + 1;
        if needed > usize::from(self.max_chars) { Err(RuleError::NoRoom(needed)) } else { Ok(()) }
    }

    /// Returns whether the file's own column decides.
    pub fn reads_column(&self) -> bool {
        self.prefer_column || self.method == UsernameMethod::Column
    }

    fn number(&self, number: u64) -> String {
        format!("{number:0>digits$}", digits = usize::from(self.clash.min_digits.min(UsernameRule::MAX_DIGITS)))
    }
}

impl<'a> Maker<'a> {
    /// Makes names by a rule.
    ///
    /// `now` is in milliseconds since 1970; it decides in what year a student leaves.
    pub fn new(rule: &'a UsernameRule, schools: &'a Schools, now: u64) -> Maker<'a> {
        let template = Template::parse(&rule.template).ok().filter(|_| rule.method == UsernameMethod::Template);
        Maker { rule, template, usable: rule.check().is_ok(), schools, leaving: end_of_school_year(now) }
    }

    /// Returns the rule.
    pub fn rule(&self) -> &'a UsernameRule {
        self.rule
    }

    /// Returns what stands between what is put before and after, before it is cut.
    ///
    /// `None` where nothing is left of the person.
    pub fn core(&self, person: &NameSource) -> Option<String> {
        let core = match self.rule.method {
            _ if !self.usable => return None,
            // As it stands, whatever it is: that is how user names were before there was a rule.
            UsernameMethod::CustomId => return Some(person.custom_id.to_owned()).filter(|id| !id.is_empty()),
            UsernameMethod::Column => return None,
            UsernameMethod::Email => self.address(person.email),
            UsernameMethod::EmailName => self.name(email_name(person.email)),
            UsernameMethod::InitialLast => initial(self.name(person.first_name)) + &self.name(person.last_name),
            UsernameMethod::FirstInitial => self.name(person.first_name) + &initial(self.name(person.last_name)),
            UsernameMethod::FirstDotLast => {
                let names = [self.name(person.first_name), self.name(person.last_name)];
                names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(".")
            }
            UsernameMethod::LastInitial => self.name(person.last_name) + &initial(self.name(person.first_name)),
            UsernameMethod::Template => {
                let filled = self.template.as_ref()?.fill(|field| self.value(field, person))?;
                if self.rule.lower_case { filled.to_ascii_lowercase() } else { filled }
            }
        };
        // Nobody could read out a name of dots.
        core.contains(|c: char| c.is_ascii_alphanumeric()).then_some(core)
    }

    /// Returns the name without a number.
    pub fn bare(&self, core: &str) -> Option<String> {
        self.put_together(core, "")
    }

    /// Returns the name with a number; `None` where there is no room for one so large.
    pub fn numbered(&self, core: &str, number: u64) -> Option<String> {
        self.put_together(core, &self.rule.number(number))
    }

    /// Returns whether the rule could have given this name to somebody with this core.
    ///
    /// The name may have a number.
    pub fn could_have_given(&self, name: &str, core: &str) -> bool {
        let name = fold(name);
        let is_it = |made: Option<String>| made.is_some_and(|made| fold(&made) == name);
        let digits = |count: usize| {
            let end = name.strip_suffix(&fold(&self.rule.append))?;
            let number = end.get(end.len().checked_sub(count)?..)?;
            let number: u64 = number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse().ok())??;
            (number >= self.rule.clash.start.into()).then_some(number)
        };
        // A core may end in digits itself, so that the number may begin anywhere among them.
        is_it(self.bare(core)) || (1..=10).filter_map(digits).any(|number| is_it(self.numbered(core, number)))
    }

    /// Returns what the rule needs to make a name of somebody, as a sentence.
    pub fn needs(&self) -> String {
        if let Err(error) = self.rule.check() {
            return format!("A rule for user names that can be used: {error}.");
        }
        match self.rule.method {
            UsernameMethod::CustomId => "A custom ID.".to_owned(),
            UsernameMethod::Email | UsernameMethod::EmailName => "An e-mail address.".to_owned(),
            UsernameMethod::Column => "A user name in the column username.".to_owned(),
            UsernameMethod::Template => {
                format!("Letters or digits for the template {}.", self.rule.template)
            }
            _ => "A first or last name with letters or digits.".to_owned(),
        }
    }

    fn put_together(&self, core: &str, number: &str) -> Option<String> {
        let UsernameRule { prepend, append, .. } = self.rule;
        let core = self.cut(core, number.len())?;
        Some(format!("{prepend}{core}{number}{append}"))
    }

    /// Returns as much of the core as there is room for beside so many digits.
    fn cut(&self, core: &str, digits: usize) -> Option<String> {
        let UsernameRule { prepend, append, max_chars, .. } = self.rule;
        let taken = prepend.chars().count() + digits + append.chars().count();
        let room = usize::from(*max_chars).checked_sub(taken).filter(|room| *room > 0)?;
        Some(core.chars().take(room).collect())
    }

    fn value(&self, field: Field, person: &NameSource) -> String {
        match field {
            Field::First => self.name(person.first_name),
            Field::Middle => self.name(person.middle_name),
            Field::Last => self.name(person.last_name),
            Field::Email => self.address(person.email),
            Field::EmailName => self.name(email_name(person.email)),
            Field::CustomId => self.name(person.custom_id),
            Field::Grade => match (person.user_type, person.grade) {
                (UserType::Student, grade) if grade != Grade::Unspecified => grade.as_str().to_owned(),
                _ => String::new(),
            },
            Field::School => self.schools.by_id(person.school).map_or_else(String::new, |s| self.name(&s.external_id)),
            Field::Type => person.user_type.as_str().to_owned(),
            Field::Year => self.year(person).map_or_else(String::new, |year| year.to_string()),
        }
    }

    /// Returns the year in which a student leaves grade 12.
    fn year(&self, person: &NameSource) -> Option<i32> {
        use Grade::*;
        let grades = [G12, G11, G10, G9, G8, G7, G6, G5, G4, G3, G2, G1, K, PreK];
        let years = grades.iter().position(|grade| *grade == person.grade)?;
        (person.user_type == UserType::Student).then_some(self.leaving + years as i32)
    }

    /// Returns a name in allowed characters. A dot or hyphen at either end, as in `Smith jr.`, is no part of it.
    fn name(&self, text: &str) -> String {
        let written: String = self.latin(text).chars().filter(|c| letters::is_allowed(*c)).collect();
        written.trim_matches(['.', '-', '_']).to_owned()
    }

    fn address(&self, text: &str) -> String {
        self.latin(text).chars().filter(|c| letters::is_allowed(*c) || *c == '@').collect()
    }

    fn latin(&self, text: &str) -> String {
        let latin = letters::latin(text, self.rule.umlauts);
        if self.rule.lower_case { latin.to_ascii_lowercase() } else { latin }
    }
}

/// Which number each name is tried with next.
///
/// Without it, ten thousand people of one name would be compared with each other.
#[derive(Debug, Default)]
pub struct Numbers {
    /// By what stands in front of the number, folded, and how many digits that has. Long names that differ only where
    /// the number has to stand are the same ones with it, and share it.
    next: HashMap<(String, usize), u64>,
}

impl Numbers {
    /// Returns the first name with a number that is free.
    pub fn first_free(&mut self, maker: &Maker, core: &str, mut is_free: impl FnMut(&str) -> bool) -> Option<String> {
        let mut number = maker.rule.clash.start.into();
        loop {
            let digits = maker.rule.number(number).len();
            let next = self.next.entry((fold(&maker.cut(core, digits)?), digits)).or_insert(number);
            while maker.rule.number(*next).len() == digits {
                let name = maker.numbered(core, *next)?;
                *next += 1;
                if is_free(&name) {
                    return Some(name);
                }
            }
            number = *next;
        }
    }
}

impl<'p> NameSource<'p> {
    /// Takes what a name is made of from the fields that a sync manages.
    pub fn of_fields(fields: &'p Fields) -> NameSource<'p> {
        let Fields { first_name, middle_name, last_name, email, custom_id, school, user_type, grade, .. } = fields;
        let (user_type, grade) = (*user_type, *grade);
        NameSource { first_name, middle_name, last_name, email, custom_id, school, user_type, grade }
    }

    /// Takes what a name is made of from a row.
    pub fn of_row(row: &'p ValidRow) -> NameSource<'p> {
        let ValidRow { first_name, middle_name, last_name, email, custom_id, school, user_type, grade, .. } = row;
        let (user_type, grade) = (*user_type, *grade);
        NameSource { first_name, middle_name, last_name, email, custom_id, school, user_type, grade }
    }

    /// Takes what a name is made of from a user.
    pub fn of_user(user: &'p User) -> NameSource<'p> {
        let User { first_name, middle_name, last_name, email, custom_id, school, user_type, grade, .. } = user;
        let (custom_id, user_type, grade) = (custom_id.as_deref().unwrap_or_default(), *user_type, *grade);
        NameSource { first_name, middle_name, last_name, email, custom_id, school, user_type, grade }
    }
}

fn initial(name: String) -> String {
    name.chars().take(1).collect()
}

fn email_name(email: &str) -> &str {
    email.split_once('@').map_or(email, |(name, _)| name)
}
