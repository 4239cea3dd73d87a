//! Where in a file the letters of its text stand.

use std::borrow::Cow;
use std::str::Utf8Chunks;

use encoding_rs::Decoder;

use super::{Decoded, Encoded};
use crate::settings::FileEncoding;

/// Finds places of the text in the file, one after the other from the start to the end, so that finding all of them
/// takes no longer than reading the file.
pub(crate) struct Positions<'d> {
    text: &'d str,
    body: &'d [u8],
    /// How far the text was looked through, and where in the file that is.
    at: usize,
    file_at: usize,
    bytes: Bytes<'d>,
}

/// How many bytes of the file a letter has.
enum Bytes<'d> {
    /// As many as in the text.
    Same,
    /// The same number for each letter.
    Each(usize),
    /// As many as this for each unit of UTF-16.
    Units(usize),
    /// As many as in the text, but for bytes that can't be read. Where the last bytes of that kind end is told by the
    /// two numbers: how many bytes of text and of the file stand before.
    Broken { chunks: Utf8Chunks<'d>, text_end: usize, file_end: usize, valid_end: usize },
    /// What the decoder says; the second is how many bytes of text it gave.
    Decoded(Box<Decoder>, usize),
}

impl<'d> Positions<'d> {
    /// Begins at the start of a text.
    pub fn new(decoded: &'d Decoded) -> Positions<'d> {
        let bytes = match decoded.encoding {
            _ if matches!(decoded.text, Cow::Borrowed(_)) => Bytes::Same,
            Encoded::Utf16 { .. } => Bytes::Units(2),
            Encoded::Utf32 { .. } => Bytes::Each(4),
            Encoded::As(FileEncoding::Utf8) => {
                Bytes::Broken { chunks: decoded.body.utf8_chunks(), text_end: 0, file_end: 0, valid_end: 0 }
            }
            Encoded::As(encoding) if encoding.is_multibyte() => {
                Bytes::Decoded(Box::new(encoding.standard().new_decoder_without_bom_handling()), 0)
            }
            Encoded::As(_) => Bytes::Each(1),
        };
        Positions { text: &decoded.text, body: decoded.body, at: 0, file_at: 0, bytes }
    }

    /// Returns where in the file, after its byte order mark, the place `to` of the text stands.
    ///
    /// No place may stand before the last one.
    pub fn find(&mut self, to: usize) -> usize {
        if to >= self.text.len() {
            return self.body.len();
        }
        let passed = &self.text[self.at..to];
        self.at = to;
        match &mut self.bytes {
            Bytes::Same => self.file_at = to,
            Bytes::Each(bytes) => self.file_at += *bytes * passed.chars().count(),
            Bytes::Units(bytes) => self.file_at += *bytes * passed.chars().map(char::len_utf16).sum::<usize>(),
            Bytes::Broken { chunks, text_end, file_end, valid_end } => {
                while *text_end < to {
                    let Some(chunk) = chunks.next() else { break };
                    let unread = chunk.invalid().len();
                    *valid_end = *text_end + chunk.valid().len();
                    *text_end = *valid_end + if unread > 0 { char::REPLACEMENT_CHARACTER.len_utf8() } else { 0 };
                    *file_end += chunk.valid().len() + unread;
                    self.file_at = *file_end - unread;
                }
                // Inside the readable part a place is as far from its end as in the text.
                return if to >= *text_end { *file_end } else { self.file_at - valid_end.saturating_sub(to) };
            }
            Bytes::Decoded(decoder, given) => {
                let mut letters = [0; 16];
                while *given < to && self.file_at < self.body.len() {
                    let byte = &self.body[self.file_at..=self.file_at];
                    let (_, _, written, _) = decoder.decode_to_utf8(byte, &mut letters, false);
                    *given += written;
                    self.file_at += 1;
                }
                // A byte that ends a letter which can't be read stands for itself, too.
                return self.file_at - usize::from(*given > to);
            }
        }
        self.file_at
    }
}
