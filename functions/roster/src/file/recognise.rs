//! What a table is, by its headers alone.

use crate::file::reading::Reading;
use crate::model::SetPart;

use super::decode::decode;
use super::header;
use super::layout::Layout;
use super::parse::recognise_headers;
use super::parse_part::lone_part;

/// Returns which file of a set a table is by its headers; that of users for a roster of users.
///
/// `None` where no row near its beginning has headers.
pub fn recognise_part(bytes: &[u8], reading: &Reading) -> Option<SetPart> {
    lone_part(bytes, reading).or_else(|| has_users(bytes, reading).then_some(SetPart::Users))
}

/// How many headers of a roster a table must have: a list of grades has one.
const ENOUGH: usize = 3;

fn has_users(bytes: &[u8], reading: &Reading) -> bool {
    let Ok(decoded) = decode(bytes, reading) else { return false };
    let Ok(Some(layout)) = Layout::find(&decoded.text, reading) else { return false };
    let has_ours = !layout.person_above && header::known(&layout.header) >= ENOUGH;
    has_ours || matches!(recognise_headers(bytes, reading), Ok(Some(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_known_by_their_headers() {
        let part = |text: &str| recognise_part(text.as_bytes(), &Reading::default());
        assert_eq!(part("first_name,last_name,custom_id,user_type\n"), Some(SetPart::Users));
        assert_eq!(part("North School\n\nSurname,Forename,Grade\nKlein,Ora,9\n"), Some(SetPart::Users));
        assert_eq!(part("class_id,custom_id,class_role\n"), Some(SetPart::Enrolments));
        assert_eq!(part("class_id,school_district_external_id\n"), Some(SetPart::Classes));
        assert_eq!(part("sourcedId,title,grades,classType,schoolSourcedId\n"), Some(SetPart::Classes));
        assert_eq!(part("SIS ID,School SIS ID,Section Name\n"), Some(SetPart::Classes));
        for people in ["ID,Name,School ID,Grade", "Student_Number,ID,LastFirst,Grade_Level,SchoolID,Enroll_Status"] {
            let file = format!("{people}\n1,\"Klein, Ora\",10,9,0,0\n");
            assert_ne!(part(&file), Some(SetPart::Classes), "{people}");
            assert_eq!(lone_part(file.as_bytes(), &Reading::default()), None, "{people}");
        }
        assert_eq!(part("grade,means\nK,Kindergarten\n"), None);
        assert_eq!(part(""), None);
    }
}
