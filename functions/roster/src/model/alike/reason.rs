//! Why two custom IDs that are written differently are taken for the same.

/// Why two custom IDs that are written differently are taken for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    LetterCase,
    /// Composed or decomposed, full-width or not, or with characters that nobody sees.
    UnicodeForm,
    HyphenOrSpace,
    /// Quotation marks, an apostrophe, a plus or an equals sign around it.
    Marks,
    Thousands,
    Decimals,
    /// Zeros in front, also those behind the letters in front.
    ZerosLost,
    ZerosGained,
    /// Letters of another alphabet that look the same.
    LookAlike,
    Date,
    Scientific,
    /// A spreadsheet keeps 15 digits of a number.
    LastDigits,
}

impl Reason {
    /// Every reason, in the order in which they are tried.
    pub const ALL: [Reason; 12] = [
        Reason::LetterCase,
        Reason::UnicodeForm,
        Reason::HyphenOrSpace,
        Reason::Marks,
        Reason::Thousands,
        Reason::Decimals,
        Reason::ZerosLost,
        Reason::ZerosGained,
        Reason::LookAlike,
        Reason::Date,
        Reason::Scientific,
        Reason::LastDigits,
    ];

    /// Returns what tells the written ID from the other one, to stand after "it differs".
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::LetterCase => "by capital letters only",
            Reason::UnicodeForm => "only by how its letters are stored, or by letters that can't be seen",
            Reason::HyphenOrSpace => "only by the kind of hyphen, or by spaces",
            Reason::Marks => "only by marks around it",
            Reason::Thousands => "only by marks between the thousands",
            Reason::Decimals => "only by decimals that are zero",
            Reason::ZerosLost => "only by zeros in front, which it lost",
            Reason::ZerosGained => "only by zeros in front, which it has in addition",
            Reason::LookAlike => "only by letters of another alphabet that look the same",
            Reason::Date => "because a spreadsheet makes a date of it",
            Reason::Scientific => "because a spreadsheet makes a number of it",
            Reason::LastDigits => "only by its last digits, which a spreadsheet turns to zeros",
        }
    }

    /// Returns whether programs do this to an ID and nobody means it.
    ///
    /// Not even a GUID makes a correction of it.
    pub fn is_damage(self) -> bool {
        use Reason::*;
        matches!(self, Thousands | Decimals | ZerosLost | Date | Scientific | LastDigits)
    }
}
