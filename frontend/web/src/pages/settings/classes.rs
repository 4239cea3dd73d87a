//! What is decided about classes.

use leptos::prelude::*;
use roster::{ClassProblem, ClassRules};

use super::form::{percent, text, whole};
use super::mode_form::Switch;
use crate::components::{NumberField, RadioChoice};
use crate::format::typed_number;

/// The settings of classes while they are edited.
///
/// Numbers are text while they are typed; an empty limit is none.
#[derive(Clone, Copy)]
pub struct ClassRuleFields {
    without_teacher: RwSignal<ClassProblem>,
    other_school: RwSignal<ClassProblem>,
    large_class: RwSignal<String>,
    replace_primary: RwSignal<bool>,
    ended_percent: RwSignal<String>,
    class_ended_percent: RwSignal<String>,
    large_share_from: RwSignal<String>,
    archived_number: RwSignal<String>,
}

impl ClassRuleFields {
    /// Returns the fields with the settings that are stored.
    pub fn new(rules: &ClassRules) -> ClassRuleFields {
        ClassRuleFields {
            without_teacher: RwSignal::new(rules.without_teacher),
            other_school: RwSignal::new(rules.other_school),
            large_class: RwSignal::new(rules.large_class.to_string()),
            replace_primary: RwSignal::new(rules.replace_primary),
            ended_percent: text(rules.ended_percent),
            class_ended_percent: text(rules.class_ended_percent),
            large_share_from: RwSignal::new(rules.large_share_from.to_string()),
            archived_number: text(rules.archived_number),
        }
    }

    /// Returns the settings as they stand; `None` while a number is not valid.
    pub fn values(self) -> Option<ClassRules> {
        Some(ClassRules {
            without_teacher: self.without_teacher.get(),
            other_school: self.other_school.get(),
            large_class: self.large_class.with(|text| size(text))?,
            replace_primary: self.replace_primary.get(),
            ended_percent: self.ended_percent.with(|text| percent(text)).ok()?,
            class_ended_percent: self.class_ended_percent.with(|text| percent(text)).ok()?,
            large_share_from: self.large_share_from.with(|text| size(text))?,
            archived_number: self.archived_number.with(|text| whole(text)).ok()?,
        })
    }
}

/// What a mistake is told.
const NO_SIZE: &str = "A whole number from 1 to 10,000.";
const NO_PERCENT: &str = "A share is a number from 0 to 100, such as 10 or 2.5. Empty is no limit.";
const NO_NUMBER: &str = "A number of classes is whole, such as 20. Empty is no limit.";

/// Shows the settings of classes.
#[component]
pub fn ClassesForm(fields: ClassRuleFields) -> impl IntoView {
    let is_size = |text: &str| size(text).is_some();
    let is_percent = |text: &str| percent(text).is_ok();
    let is_whole = |text: &str| whole(text).is_ok();
    view! {
        <section class="panel" aria-labelledby="classes-title">
            <h2 id="classes-title">"Classes"</h2>
            <p class="muted">"For rosters that name classes, in every sync."</p>
            <div class="class-rules">
                <Problem
                    name="without-teacher"
                    title="A new class without a teacher"
                    value=fields.without_teacher
                    rejected="The class and its enrolments are left out."
                    warned="The class is made, and somebody can be added later."
                />
                <Problem
                    name="other-school"
                    title="A student in a class of another school"
                    value=fields.other_school
                    rejected="That enrolment is left out."
                    warned="The student is enrolled, for schools that share classes."
                />
            </div>
            <Switch
                id="replace-primary".to_owned()
                value=fields.replace_primary
                title="Replace the primary teacher"
                what="A file may make somebody else the primary teacher of a class. Switched off, the one who is there stays, and the other one is a co-teacher."
            />
            <div class="field-row">
                <NumberField
                    id="large-class"
                    label="Students from which a class has a warning"
                    value=fields.large_class
                    accepts=is_size
                    expected=NO_SIZE
                />
            </div>
            <h3>"Safety limits"</h3>
            <p class="muted small">"A plan past any of these waits for an administrator. An empty field is no limit."</p>
            <div class="field-row">
                <NumberField
                    id="ended-percent"
                    label="Enrolments that end, %"
                    value=fields.ended_percent
                    inputmode="decimal"
                    hint="Of the classes in the file, over all and in each school."
                    accepts=is_percent
                    expected=NO_PERCENT
                />
                <NumberField
                    id="class-ended-percent"
                    label="Ending in one class, %"
                    value=fields.class_ended_percent
                    inputmode="decimal"
                    hint="A class that is archived is not counted here."
                    accepts=is_percent
                    expected=NO_PERCENT
                />
                <NumberField
                    id="large-share-from"
                    label="Both from how many enrolments"
                    value=fields.large_share_from
                    hint="Of fewer, any share may end."
                    accepts=is_size
                    expected=NO_SIZE
                />
                <NumberField
                    id="archived-number"
                    label="Classes that are archived"
                    value=fields.archived_number
                    hint="By one plan."
                    accepts=is_whole
                    expected=NO_NUMBER
                />
            </div>
        </section>
    }
}

/// Asks what happens where something about a class may be wrong.
#[component]
fn Problem(
    name: &'static str,
    title: &'static str,
    value: RwSignal<ClassProblem>,
    rejected: &'static str,
    warned: &'static str,
) -> impl IntoView {
    let choice = move |of: ClassProblem, title: &'static str, what: &'static str| {
        view! {
            <RadioChoice name=name value=value of=of title what/>
        }
    };
    view! {
        <fieldset class="radios stacked">
            <legend>{title}</legend>
            {choice(ClassProblem::Reject, "Is an error", rejected)}
            {choice(ClassProblem::Warn, "Has a warning", warned)}
        </fieldset>
    }
}

/// The largest number of people in a class that is taken for one.
const MAX_SIZE: u64 = 10_000;

fn size(text: &str) -> Option<u32> {
    typed_number(text).filter(|n| (1..=MAX_SIZE).contains(n)).and_then(|n| u32::try_from(n).ok())
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_number_of_people_is_whole_and_not_none() {
        assert_eq!((size("80"), size("1,000")), (Some(80), Some(1000)));
        for text in ["", "0", "-1", "1.5", "10001", "many"] {
            assert_eq!(size(text), None, "{text}");
        }
    }
}
