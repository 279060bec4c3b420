//! Names, roles and hashes of passwords, from a file or the environment.

use std::{collections::BTreeMap, fmt};

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};
use uuid::Uuid;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Look.
    Viewer,
    /// Look, and bring records back.
    Restorer,
    /// Everything.
    Administrator,
}

const ROLES: [(Role, &str); 3] = [
    (Role::Viewer, "viewer"),
    (Role::Restorer, "restorer"),
    (Role::Administrator, "administrator"),
];

impl Role {
    /// The role in a file of users.
    pub fn as_str(self) -> &'static str {
        ROLES
            .iter()
            .find(|(role, _)| *role == self)
            .map_or("", |(_, word)| word)
    }
}

/// Who may sign in: a line for each, `name:role:hash`, as `soft-delete admin hash` makes it; what begins with `#` is for people.
#[derive(Clone, Default)]
pub struct Users(BTreeMap<String, (Role, String)>);

/// What is wrong with a file of users, without its hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadUsers {
    line: usize,
    problem: &'static str,
}

impl fmt::Display for BadUsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for BadUsers {}

// Nobody's hash belongs into a log.
impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl Users {
    /// Reads them.
    ///
    /// # Errors
    /// Says which line is none, or that there is nobody.
    pub fn read(text: &str) -> Result<Self, BadUsers> {
        let mut users = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let bad = |problem| BadUsers {
                line: number,
                problem,
            };
            let mut parts = line.splitn(3, ':');
            let (Some(name), Some(role), Some(hash)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(bad("give name:role:hash"));
            };
            let role = ROLES.iter().find(|(_, word)| *word == role);
            let (role, _) = role.ok_or(bad("the role is viewer, restorer or administrator"))?;
            let parsed = PasswordHash::new(hash)
                .map_err(|_| bad("the hash is none: `soft-delete admin hash` makes one"))?;
            if parsed.algorithm != argon2::ARGON2ID_IDENT {
                return Err(bad("the hash is not of argon2id"));
            }
            if name.is_empty() || users.insert(name.to_owned(), (*role, hash.to_owned())).is_some() {
                return Err(bad("the name is empty, or there twice"));
            }
        }
        if users.is_empty() {
            return Err(BadUsers {
                line: 0,
                problem: "there is nobody in it",
            });
        }
        Ok(Self(users))
    }

    /// The role of whoever knows this password; takes as long for a name that is not there.
    pub(super) fn check(&self, name: &str, password: &str) -> Option<Role> {
        let known = self.0.get(name);
        // Somebody's, so that who is not there costs the same.
        let hash = known
            .or_else(|| self.0.values().next())
            .map(|(_, hash)| hash.as_str())?;
        let is_right = PasswordHash::new(hash).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
        });
        known.filter(|_| is_right).map(|(role, _)| *role)
    }
}

/// The hash of a password, for a file of users.
///
/// # Errors
/// In words: a password has eight characters or more.
///
/// ```
/// use soft_delete_admin::alone::{Users, hash};
/// let line = format!("ann:administrator:{}", hash("correct horse")?);
/// assert!(Users::read(&line).is_ok());
/// assert!(hash("short").is_err());
/// # Ok::<_, String>(())
/// ```
pub fn hash(password: &str) -> Result<String, String> {
    if password.chars().count() < 8 {
        return Err("a password has eight characters or more".to_owned());
    }
    let salt = SaltString::encode_b64(Uuid::new_v4().as_bytes()).map_err(|error| error.to_string())?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_read_or_refused() {
        let hashed = hash("correct horse").expect("a hash");
        let users = Users::read(&format!(
            "# staff\nann:administrator:{hashed}\n\nbob:viewer:{hashed}\n"
        ))
        .expect("users");
        assert_eq!(users.check("ann", "correct horse"), Some(Role::Administrator));
        assert_eq!(users.check("bob", "correct horse"), Some(Role::Viewer));
        assert_eq!(users.check("ann", "wrong horse"), None);
        assert_eq!(users.check("eve", "correct horse"), None);
        assert!(!format!("{users:?}").contains("argon2"));
        for (text, told) in [
            (String::new(), "nobody"),
            ("ann".to_owned(), "line 1: give name:role:hash"),
            (format!("ann:king:{hashed}"), "line 1: the role is"),
            ("ann:viewer:secret".to_owned(), "line 1: the hash is none"),
            (
                format!("ann:viewer:{hashed}\nann:viewer:{hashed}"),
                "line 2: the name",
            ),
            (
                "ann:viewer:$pbkdf2-sha256$i=1000$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo".to_owned(),
                "not of argon2id",
            ),
        ] {
            let error = Users::read(&text).expect_err(told).to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
