//! Which user names the rule gives, and who may take over the name of somebody else.
//!
//! A name that somebody had is never given to anybody else, with one exception: users that exist may exchange their
//! names in a closed circle, where everybody who gives one up gets one of the others. Rows go by custom ID, so that
//! their order in the file decides nothing.

use std::collections::{HashMap, HashSet};

use crate::model::{Code, Column, Directory, Finding, Findings, Guid, User, fold};
use crate::settings::accounts::Rename;
use crate::username::{Maker, NameSource, Numbers};
use crate::validate::Valid;

use super::comparison::Comparison;
use super::row_diff::RowDiff;
use super::target::Target;

/// Gives names.
pub(super) struct Names<'a, 'd> {
    maker: Maker<'a>,
    directory: &'d Directory,
    /// What rows ask for themselves, rejected ones included: once corrected, they get it.
    asked: HashSet<String>,
    given: HashSet<String>,
    /// A name was tried of which this directory does not know whose it is.
    unknown: bool,
}

/// Whether the directory tells whose each name is that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameOwners {
    Known,
    /// It holds only some users, and not the owners of all these names.
    Unknown,
}

/// An entry that gets a name by rule.
struct NameRequest {
    entry: usize,
    core: String,
    bare: String,
}

impl<'a, 'd> Names<'a, 'd> {
    pub(super) fn new(valid: &Valid, directory: &'d Directory, c: &Comparison<'a>) -> Names<'a, 'd> {
        let of_rows = valid.rows.iter().filter_map(|row| row.username.as_deref());
        let of_rejected = valid.rejected.iter().filter_map(|row| row.username.as_deref());
        let asked = of_rows.chain(of_rejected).map(fold).collect();
        let maker = Maker::new(&c.accounts.usernames, c.schools, c.now);
        Names { maker, directory, asked, given: HashSet::new(), unknown: false }
    }

    /// Gives every entry its name, and rejects those that get none.
    ///
    /// Returns whether the directory knows the owners of all names that were tried.
    pub(super) fn assign(mut self, entries: &mut [RowDiff], findings: &mut Findings, c: &Comparison) -> NameOwners {
        let mut wanted = Vec::new();
        for (i, entry) in entries.iter_mut().enumerate() {
            match self.wanted(i, entry, c) {
                Ok(some) => wanted.extend(some),
                Err(finding) => reject(entry, finding, findings),
            }
        }
        self.exchange(entries, &mut wanted);
        // Everybody's plain name goes before anybody's number, or `asmith` and `asmith2` would depend on each other.
        wanted.retain(|wanted| {
            let entry = &mut entries[wanted.entry];
            let free = self.take(&wanted.bare, entry.guid);
            if free {
                entry.after.username.clone_from(&wanted.bare);
            }
            !free
        });
        let mut numbers = Numbers::default();
        for NameRequest { entry, core, .. } in wanted {
            let entry = &mut entries[entry];
            let Names { maker, directory, asked, given, unknown } = &mut self;
            let mut names = Free { directory, asked, given, unknown };
            match numbers.first_free(maker, &core, |name| names.take(name, entry.guid)) {
                Some(name) => entry.after.username = name,
                None => reject(entry, self.empty(entry), findings),
            }
        }
        if self.unknown { NameOwners::Unknown } else { NameOwners::Known }
    }

    /// Returns what the rule has to give to an entry, if it has to.
    fn wanted(&self, i: usize, entry: &RowDiff, c: &Comparison) -> Result<Option<NameRequest>, Finding> {
        let core = || self.maker.core(&NameSource::of_fields(&entry.after));
        let named = |core: String| {
            let bare = self.maker.bare(&core)?;
            Some(NameRequest { entry: i, core, bare })
        };
        match entry.target {
            _ if entry.has_username || entry.rests => Ok(None),
            Target::New => core().and_then(named).map(Some).ok_or_else(|| self.empty(entry)),
            // Also of a user that comes back, or the same file would rename it the next time.
            Target::Existing(user) | Target::Deleted(user)
                if c.settings.overwrite && c.accounts.usernames.rename == Rename::Always =>
            {
                Ok(core().filter(|core| !self.maker.could_have_given(&user.username, core)).and_then(named))
            }
            Target::Existing(_) | Target::Deleted(_) => Ok(None),
        }
    }

    /// Lets users take over each other's names in closed circles, whether by rule or because their rows ask for it.
    fn exchange(&mut self, entries: &mut [RowDiff], wanted: &mut Vec<NameRequest>) {
        let by_rule: HashMap<usize, &NameRequest> = wanted.iter().map(|wanted| (wanted.entry, wanted)).collect();
        // What users that exist will be called instead.
        let goal = |(i, entry): (usize, &RowDiff)| {
            let user = entry.target.user()?;
            let name = match by_rule.get(&i) {
                Some(wanted) => Some(fold(&wanted.bare)).filter(|bare| !self.asked.contains(bare)),
                None => Some(fold(&entry.after.username)),
            }?;
            (!user.is_named(&name)).then_some((i, name))
        };
        let goals: HashMap<usize, String> = entries.iter().enumerate().filter_map(goal).collect();
        let renamed: HashMap<Guid, usize> = goals.keys().map(|&i| (entries[i].guid, i)).collect();
        let from = |(&i, name): (&usize, &String)| {
            let owner = self.directory.by_username(name).filter(|owner| owner.is_named(name))?;
            renamed.get(&owner.guid).map(|&owner| (i, owner))
        };
        let circles = circles(&goals.iter().filter_map(from).collect());
        wanted.retain(|wanted| {
            let exchanged = circles.contains(&wanted.entry);
            if exchanged {
                entries[wanted.entry].after.username.clone_from(&wanted.bare);
                self.given.insert(fold(&wanted.bare));
            }
            !exchanged
        });
        for i in circles {
            entries[i].takes_over = true;
        }
    }

    fn take(&mut self, name: &str, guid: Guid) -> bool {
        let Names { directory, asked, given, unknown, .. } = self;
        Free { directory, asked, given, unknown }.take(name, guid)
    }

    fn empty(&self, entry: &RowDiff) -> Finding {
        let id = &entry.after.custom_id;
        Finding::at(Code::UsernameEmpty, entry.row, Column::CustomId, id).expecting(self.maker.needs())
    }
}

/// Which names are free.
struct Free<'n> {
    directory: &'n Directory,
    asked: &'n HashSet<String>,
    given: &'n mut HashSet<String>,
    unknown: &'n mut bool,
}

impl Free<'_> {
    /// Takes the name for the user, if nobody else has it, had it, asks for it or was given it.
    fn take(&mut self, name: &str, guid: Guid) -> bool {
        let name = fold(name);
        let owner = self.directory.by_username(&name);
        *self.unknown |= owner.is_none() && !self.directory.knows_username(&name);
        let own = |owner: &User| owner.guid == guid;
        owner.is_none_or(own) && !self.asked.contains(&name) && self.given.insert(name)
    }
}

fn reject(entry: &mut RowDiff, finding: Finding, findings: &mut Findings) {
    entry.rejected = true;
    findings.push(finding);
}

/// Returns the places that one comes back to by going on from them.
fn circles(next: &HashMap<usize, usize>) -> HashSet<usize> {
    let (mut seen, mut circles) = (HashSet::new(), HashSet::new());
    for &start in next.keys() {
        let (mut way, mut at) = (Vec::new(), start);
        while seen.insert(at) {
            way.push(at);
            match next.get(&at) {
                Some(&then) => at = then,
                None => break,
            }
        }
        if let Some(begin) = way.iter().position(|&place| place == at).filter(|_| next.contains_key(&at)) {
            circles.extend(&way[begin..]);
        }
    }
    circles
}
