//! The signs of the page, drawn by itself so that they look the same everywhere.

use leptos::prelude::*;

/// The signs that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Check,
    Cross,
    Warning,
    Info,
    Clock,
    Pause,
    Work,
    Plus,
    Pencil,
    Arrow,
    Return,
    Minus,
    Download,
    Upload,
    File,
}

impl Sign {
    fn path(self) -> &'static str {
        match self {
            Sign::Check => "M3.5 8.5l3 3 6-7",
            Sign::Cross => "M4 4l8 8M12 4l-8 8",
            Sign::Warning => "M8 2.5L14.5 13.5H1.5ZM8 6.5v3.2M8 11.4v.2",
            Sign::Info => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.2V11M8 5v.2",
            Sign::Clock => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.6",
            Sign::Pause => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.4 5.8v4.4M9.6 5.8v4.4",
            Sign::Work => "M13.5 8A5.5 5.5 0 1 1 8 2.5",
            Sign::Plus => "M8 3.5v9M3.5 8h9",
            Sign::Pencil => "M3 13l.6-2.7L10.8 3.1l2.1 2.1-7.2 7.2Z",
            Sign::Arrow => "M2.5 8h11M9.5 4l4 4-4 4",
            Sign::Return => "M5.5 3.5L2.5 6.5l3 3M2.5 6.5H10a3 3 0 0 1 0 6H6",
            Sign::Minus => "M3.5 8h9",
            Sign::Download => "M8 2.5v8M4.5 7.2L8 10.7l3.5-3.5M2.5 13.5h11",
            Sign::Upload => "M8 10.5v-8M4.5 5.8L8 2.3l3.5 3.5M2.5 13.5h11",
            Sign::File => "M4 1.8h5L12.5 5.3V14.2H4ZM9 1.8V5.3h3.5",
        }
    }
}

/// Draws a sign beside words that say the same; screen readers skip it.
#[component]
pub fn Icon(sign: Sign) -> impl IntoView {
    view! {
        <svg class="icon" class:spin=sign == Sign::Work viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=sign.path()></path>
        </svg>
    }
}
