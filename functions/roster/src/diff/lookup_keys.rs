//! Whom a roster names, and so whom a small partial sync must fetch.

use std::collections::BTreeSet;

use crate::model::{Column, Guid, fold};
use crate::settings::accounts::UsernameMethod;
use crate::username::{Maker, NameSource};
use crate::validate::{Valid, ValidRow};

/// Whom a roster names, and so whom a small partial sync must fetch to be compared.
///
/// User names and e-mail addresses are folded (see [`fold`]). A directory that holds just these users is mostly enough
/// for a partial sync: [`crate::ModeSettings::needs_whole_directory`] says when shares of all users are to be measured,
/// and the comparison answers [`crate::Diffed::NeedsWholeDirectory`] where it has to know of others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    pub custom_ids: BTreeSet<String>,
    pub guids: BTreeSet<Guid>,
    /// Also those that new users may get.
    pub usernames: BTreeSet<String>,
    pub staff_emails: BTreeSet<String>,
}

impl Named {
    /// How many numbers are looked at for a name that somebody has.
    const NUMBERS: u64 = 8;

    /// Adds the names that the rule may give; a custom ID is hardly ever somebody's user name already.
    fn add_names(&mut self, row: &ValidRow, maker: &Maker) {
        let Some(core) = maker.core(&NameSource::of_row(row)) else { return };
        let start = maker.rule().clash.start.into();
        let numbers = if maker.rule().method == UsernameMethod::CustomId { 0 } else { Named::NUMBERS };
        let numbered = (start..start + numbers).filter_map(|number| maker.numbered(&core, number));
        self.usernames.extend(maker.bare(&core).into_iter().chain(numbered).map(|name| fold(&name)));
    }
}

impl Valid {
    /// Returns whom the rows name, rejected ones included.
    ///
    /// `maker` is the one of the comparison. What nobody can have, because it is empty or too long, names nobody: it is
    /// damage, and would be refused as a key.
    pub fn named(&self, maker: &Maker) -> Named {
        let mut named = Named::default();
        for row in &self.rows {
            named.custom_ids.insert(row.custom_id.clone());
            named.guids.extend(row.guid);
            match row.username.as_deref().filter(|_| maker.rule().reads_column()) {
                Some(username) => drop(named.usernames.insert(fold(username))),
                None => named.add_names(row, maker),
            }
            if row.user_type.is_staff() {
                named.staff_emails.insert(fold(&row.email));
            }
        }
        for row in &self.rejected {
            named.custom_ids.extend(row.custom_id.clone().filter(|_| !row.id_is_damaged));
            named.guids.extend(row.guid);
            named.usernames.extend(row.username.as_deref().map(fold));
            named.staff_emails.extend(row.staff_email.as_deref().map(fold));
        }
        named.custom_ids.retain(|id| can_be_a_key(Column::CustomId, id));
        named.usernames.retain(|name| can_be_a_key(Column::Username, name));
        named.staff_emails.retain(|email| can_be_a_key(Column::Email, email));
        named
    }
}

/// Returns whether somebody can have the value. Folding can make it a little longer.
fn can_be_a_key(column: Column, value: &str) -> bool {
    !value.is_empty() && value.len() <= column.spec().max_chars * LONGEST_CHAR
}

/// How many bytes a character has at most.
const LONGEST_CHAR: usize = 4;
