//! An organisation with its first administrator, as somebody with rights on the table sets it up.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use cloud::audit::Author;
use cloud::people::NewAdministrator;
use cloud::schools::SavedSchool;
use local::System;
use roster::Guid;
use uuid::Uuid;
use wire::http::SignIn;

use build::problem::ProblemText;

/// Makes the district office, its schools and the first administrator.
///
/// As far as they are not there yet. Schools have an external ID and a name.
pub async fn found(system: &System, schools: &[(String, String)], sign_in: &SignIn) -> Result<(), ProblemText> {
    let failed = |error: cloud::Error| ProblemText::new(format!("The organisation could not be set up: {error}"));
    let cloud = system.cloud();
    let district = cloud.district_create("Contoso School District", "DISTRICT").await.map_err(failed)?;
    for (external_id, name) in schools {
        // That the external ID is taken means that an earlier start has made it.
        let _: SavedSchool =
            cloud.school_create(name, external_id, &Author { by: None, at: runtime::now() }).await.map_err(failed)?;
    }
    let password_hash = runtime::passwords::hash(&sign_in.password)
        .map_err(|error| ProblemText::new(format!("The organisation could not be set up: {error}")))?;
    let administrator = NewAdministrator {
        username: &sign_in.username,
        password_hash: &password_hash,
        password_kind: cloud::changes::PasswordKind::Own,
        first_name: "First",
        last_name: "Administrator",
        email: "admin@contoso.example",
        school: &district.id,
    };
    // `None` means the same.
    cloud.administrator_create(administrator, runtime::now()).await.map_err(failed)?;
    Ok(())
}

/// Returns `admin` with a random password, as the first administrator signs in.
///
/// # Errors
///
/// Where the system gives no random numbers.
pub fn random_sign_in() -> Result<SignIn, ProblemText> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| ProblemText::new(format!("The system gives no random numbers: {error}")))?;
    let password = roster::temporary_password(&seed, Guid(Uuid::nil()));
    Ok(SignIn { username: "admin".to_owned(), password })
}

/// Returns the sign-in that is kept in a file.
///
/// It is written the first time, so that every start can print it.
///
/// # Errors
///
/// Where the file can't be read or written, or the system gives no random numbers.
pub fn kept_sign_in(file: &Path) -> Result<SignIn, ProblemText> {
    let unusable = |error: &dyn std::fmt::Display| ProblemText::new(format!("Cannot use {}: {error}", file.display()));
    match fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| unusable(&error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let sign_in = random_sign_in()?;
            let bytes = serde_json::to_vec(&sign_in).map_err(|error| unusable(&error))?;
            let opened = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(file);
            opened.and_then(|mut file| file.write_all(&bytes)).map_err(|error| unusable(&error))?;
            Ok(sign_in)
        }
        Err(error) => Err(unusable(&error)),
    }
}
