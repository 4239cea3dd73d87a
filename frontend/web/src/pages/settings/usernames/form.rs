//! The rule for user names and the year levels while they are edited.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::accounts::{ClashRule, Rename, Umlauts, UsernameMethod, UsernameRule};
use roster::username::{RuleError, Template};
use roster::{Accounts, Grade};

use crate::format::typed_number;

/// The text under a number that is not valid.
const NO_NUMBER: &str = "The length, the first number and the digits are whole numbers, such as 64, 2 and 1.";

/// The rule for user names and the year levels, each part in a signal of its own.
///
/// Numbers are text while they are typed.
#[derive(Clone, Copy)]
pub struct NameFields {
    pub method: RwSignal<UsernameMethod>,
    pub template: RwSignal<String>,
    pub prefer_column: RwSignal<bool>,
    pub prepend: RwSignal<String>,
    pub append: RwSignal<String>,
    pub lower_case: RwSignal<bool>,
    pub two_letters: RwSignal<bool>,
    pub max_chars: RwSignal<String>,
    pub start: RwSignal<String>,
    pub min_digits: RwSignal<String>,
    pub rename: RwSignal<Rename>,
    pub all_levels: RwSignal<bool>,
    pub levels: RwSignal<BTreeSet<Grade>>,
}

impl NameFields {
    /// Returns the fields with the settings that are stored.
    pub fn new(accounts: &Accounts) -> NameFields {
        let rule = &accounts.usernames;
        let levels = accounts.year_levels.clone();
        NameFields {
            method: RwSignal::new(rule.method),
            template: RwSignal::new(rule.template.clone()),
            prefer_column: RwSignal::new(rule.prefer_column),
            prepend: RwSignal::new(rule.prepend.clone()),
            append: RwSignal::new(rule.append.clone()),
            lower_case: RwSignal::new(rule.lower_case),
            two_letters: RwSignal::new(rule.umlauts == Umlauts::TwoLetters),
            max_chars: RwSignal::new(rule.max_chars.to_string()),
            start: RwSignal::new(rule.clash.start.to_string()),
            min_digits: RwSignal::new(rule.clash.min_digits.to_string()),
            rename: RwSignal::new(rule.rename),
            all_levels: RwSignal::new(levels.is_none()),
            levels: RwSignal::new(levels.unwrap_or_else(|| Grade::ALL.iter().copied().collect())),
        }
    }

    /// Returns `base` with the rule and the year levels as they stand.
    ///
    /// `None` while something is wrong with them.
    pub fn values(self, base: Accounts) -> Option<Accounts> {
        let year_levels = if self.all_levels.get() { None } else { Some(self.levels.get()) };
        Some(Accounts { year_levels, usernames: self.rule()?, ..base })
    }

    /// Returns the rule as it stands, if it can be used.
    pub fn rule(self) -> Option<UsernameRule> {
        self.typed().filter(|rule| rule.check().is_ok())
    }

    /// Returns what is wrong with the template.
    pub fn template_error(self) -> Option<String> {
        let is_template = self.method.get() == UsernameMethod::Template;
        let error = self.template.with(|template| Template::parse(template).err());
        error.filter(|_| is_template).map(|error| sentence(&error))
    }

    /// Returns what is wrong with the rest of the rule.
    pub fn rule_error(self) -> Option<String> {
        match self.typed().map(|rule| rule.check()) {
            None => Some(NO_NUMBER.to_owned()),
            Some(Ok(()) | Err(RuleError::Template(_))) => None,
            Some(Err(error)) => Some(sentence(&error)),
        }
    }

    /// Chooses the method that settings call so.
    pub fn choose_method(self, id: &str) {
        if let Some((method, ..)) = super::METHODS.iter().find(|(_, known, _)| *known == id) {
            self.method.set(*method);
        }
    }

    /// Adds a year level to those that are synced, or takes it away.
    pub fn choose_level(self, grade: Grade, chosen: bool) {
        self.levels.update(|levels| {
            if chosen {
                levels.insert(grade);
            } else {
                levels.remove(&grade);
            }
        });
    }

    /// Returns the rule as it is typed; `None` while a number is not valid.
    fn typed(self) -> Option<UsernameRule> {
        let number = |field: RwSignal<String>| field.with(|text| typed_number(text));
        Some(UsernameRule {
            method: self.method.get(),
            template: self.template.with(|template| template.trim().to_owned()),
            prefer_column: self.prefer_column.get(),
            prepend: self.prepend.with(|text| text.trim().to_owned()),
            append: self.append.with(|text| text.trim().to_owned()),
            lower_case: self.lower_case.get(),
            umlauts: if self.two_letters.get() { Umlauts::TwoLetters } else { Umlauts::OneLetter },
            max_chars: number(self.max_chars)?.try_into().ok()?,
            clash: ClashRule {
                start: number(self.start)?.try_into().ok()?,
                min_digits: number(self.min_digits)?.try_into().ok()?,
            },
            rename: self.rename.get(),
        })
    }
}

/// Returns an error as a sentence of its own.
fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(chars).chain(['.']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_comes_back_as_it_was() {
        let owner = Owner::new();
        owner.set();
        let accounts = Accounts { year_levels: Some([Grade::G9].into()), ..Accounts::default() };
        let fields = NameFields::new(&accounts);
        assert_eq!(fields.values(accounts.clone()), Some(accounts));
        fields.max_chars.set("ten".to_owned());
        assert_eq!((fields.rule(), fields.rule_error().as_deref()), (None, Some(NO_NUMBER)));
        fields.max_chars.set("64".to_owned());
        fields.choose_method("template");
        fields.template.set("{frist}".to_owned());
        assert_eq!(fields.template_error().as_deref(), Some("{frist} is not a field: {first} may be meant."));
        assert_eq!((fields.rule(), fields.rule_error()), (None, None));
    }
}
