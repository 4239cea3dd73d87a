//! What a user is: its type, whether it may sign in, and its grade.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $(#[serde(rename = $word)] $variant),+ }

        impl $name {
            /// All of them, in the order in which pages list them.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Returns the word that files and pages use.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = ();

            /// Takes exactly the accepted words.
            fn from_str(word: &str) -> Result<Self, ()> {
                match word { $($word => Ok($name::$variant),)+ _ => Err(()) }
            }
        }
    };
}

pub(super) use words;

words! {
    /// What a user is.
    UserType { Student = "Student", Teacher = "Teacher", Staff = "Staff", Administrator = "Administrator" }
}

impl UserType {
    /// Returns whether the type is any but that of students.
    pub fn is_staff(self) -> bool {
        self != UserType::Student
    }

    /// Returns the word for several users of the type, in the middle of a sentence.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            UserType::Student => "students",
            UserType::Teacher => "teachers",
            UserType::Staff => "staff",
            UserType::Administrator => "administrators",
        }
    }
}

words! {
    /// Whether a user may sign in.
    Status { Active = "Active", Disabled = "Disabled" }
}

words! {
    /// The year level of a student.
    Grade {
        Unspecified = "Unspecified", PreK = "PreK", K = "K", G1 = "1", G2 = "2", G3 = "3", G4 = "4", G5 = "5",
        G6 = "6", G7 = "7", G8 = "8", G9 = "9", G10 = "10", G11 = "11", G12 = "12", Other = "Other",
    }
}
