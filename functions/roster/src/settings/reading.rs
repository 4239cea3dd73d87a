//! How files are read.

use serde::{Deserialize, Serialize};

use super::mapping::MappingProfile;
use crate::model::SourceId;

/// How files are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadingSettings {
    /// The file has to be exactly as the data dictionary says. Off: what people commonly write is understood, and said
    /// in notes.
    pub strict_format: bool,
    /// The encoding of files that do not show theirs; `None` for the likeliest.
    ///
    /// After an upload is read, this is the encoding that was used, so that its kept copy decodes identically.
    pub encoding: Option<FileEncoding>,
    /// How a person with one name only is kept.
    pub single_name: SingleName,
    /// How files with headers of other systems are read; there are none where the format has to be strict.
    ///
    /// After an upload is read, this is the one that was used, if any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<MappingProfile>,
}

/// How a person with one name only is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SingleName {
    pub column: NameColumn,
    /// What stands in the other column; empty for nothing.
    pub other: String,
}

impl SingleName {
    /// The longest text that can stand in the other column, in characters.
    pub const MOST_CHARS: usize = 20;
}

/// Which column holds the name of a person who has one only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameColumn {
    /// The one that the file has it in.
    #[default]
    AsWritten,
    FirstName,
    LastName,
}

impl ReadingSettings {
    /// Returns how files are read with one more profile, in place of those that it replaces.
    pub fn with_profile(mut self, profile: MappingProfile) -> ReadingSettings {
        self.profiles.retain(|other| !profile.replaces(other));
        self.profiles.push(profile);
        self
    }

    /// Returns how files of this source are read: without the profiles of other sources.
    pub fn of_source(mut self, source: Option<&SourceId>) -> ReadingSettings {
        self.profiles.retain(|profile| profile.is_for(source));
        self
    }

    /// Returns how a file is read that was sent with this encoding; `None` for the usual one.
    pub fn in_encoding(mut self, sent: Option<FileEncoding>) -> ReadingSettings {
        self.encoding = sent.or(self.encoding);
        self
    }
}

macro_rules! encodings {
    ($($variant:ident $id:literal $name:literal $letters:literal,)+) => {
        /// An encoding that a file can have without showing it, so that somebody can choose it.
        ///
        /// UTF-16 and UTF-32 show themselves by their zero bytes, and every file with a byte order mark by that.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum FileEncoding { $(#[serde(rename = $id)] $variant),+ }

        impl FileEncoding {
            /// Every encoding, in the order in which a page offers them.
            pub const ALL: [FileEncoding; [$($id),+].len()] = [$(FileEncoding::$variant),+];

            /// Returns the word for it in JSON.
            pub fn id(self) -> &'static str {
                match self { $(FileEncoding::$variant => $id),+ }
            }

            /// Returns the name of the encoding for people.
            pub fn name(self) -> &'static str {
                match self { $(FileEncoding::$variant => $name),+ }
            }

            /// Returns what a page offers: the letters that it is made for, and its name.
            pub fn label(self) -> &'static str {
                match self { $(FileEncoding::$variant => concat!($letters, " (", $name, ")")),+ }
            }
        }
    };
}

encodings! {
    Utf8 "utf-8" "UTF-8" "All letters",
    Windows1252 "windows-1252" "Windows-1252" "Western European",
    Iso885915 "iso-8859-15" "ISO-8859-15" "Western European",
    MacRoman "macintosh" "Mac Roman" "Western European, old Macs",
    Cp850 "cp850" "CP850" "Western European, DOS",
    Cp437 "cp437" "CP437" "Western European, DOS in the US",
    Windows1250 "windows-1250" "Windows-1250" "Central European",
    Iso88592 "iso-8859-2" "ISO-8859-2" "Central European",
    Cp852 "cp852" "CP852" "Central European, DOS",
    Windows1254 "windows-1254" "Windows-1254" "Turkish",
    Windows1257 "windows-1257" "Windows-1257" "Baltic",
    Windows1251 "windows-1251" "Windows-1251" "Cyrillic",
    Koi8 "koi8-u" "KOI8-U" "Cyrillic",
    Iso88595 "iso-8859-5" "ISO-8859-5" "Cyrillic",
    Cp866 "cp866" "CP866" "Cyrillic, DOS",
    Windows1253 "windows-1253" "Windows-1253" "Greek",
    Iso88597 "iso-8859-7" "ISO-8859-7" "Greek",
    Windows1255 "windows-1255" "Windows-1255" "Hebrew",
    Windows1256 "windows-1256" "Windows-1256" "Arabic",
    Windows1258 "windows-1258" "Windows-1258" "Vietnamese",
    Windows874 "windows-874" "Windows-874" "Thai",
    Gbk "gb18030" "GBK" "Chinese, simplified",
    Big5 "big5" "Big5" "Chinese, traditional",
    ShiftJis "shift_jis" "Shift_JIS" "Japanese",
    EucJp "euc-jp" "EUC-JP" "Japanese",
    EucKr "euc-kr" "EUC-KR" "Korean",
}
