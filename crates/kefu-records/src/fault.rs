use kefu_core::RecordsError;
use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
use thiserror::Error;

/// What can go wrong inside a transaction.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    #[error(transparent)]
    Records(#[from] RecordsError),
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    #[error("cannot read what was stored: {0}")]
    Damaged(String),
}

impl From<rusqlite::types::FromSqlError> for Fault {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<Fault> for RecordsError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Records(error) => error,
            Fault::Sql(error) => from_sqlite(&error),
            Fault::Damaged(detail) => Self::Failed { detail },
        }
    }
}

fn from_sqlite(error: &rusqlite::Error) -> RecordsError {
    let detail = error.to_string();
    let Some(code) = error.sqlite_error_code() else {
        return RecordsError::Failed { detail };
    };
    match code {
        ErrorCode::DiskFull
        | ErrorCode::SystemIoFailure
        | ErrorCode::ReadOnly
        | ErrorCode::CannotOpen
        | ErrorCode::PermissionDenied => RecordsError::Storage { detail },
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => RecordsError::Failed {
            detail: format!("the records file is damaged ({detail}); restore it from a backup"),
        },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => RecordsError::Failed {
            detail: format!("another process keeps the records file locked ({detail}); stop it"),
        },
        ErrorCode::ConstraintViolation if is_duplicate(error) => {
            RecordsError::Conflict { detail: format!("it exists already ({detail})") }
        }
        _ => RecordsError::Failed { detail },
    }
}

fn is_duplicate(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|cause| {
        matches!(cause.extended_code, SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY)
    })
}

pub(crate) fn not_found(what: &'static str, id: &impl ToString) -> Fault {
    RecordsError::NotFound { what, id: id.to_string() }.into()
}

pub(crate) fn conflict(detail: impl Into<String>) -> Fault {
    RecordsError::Conflict { detail: detail.into() }.into()
}

pub(crate) fn invalid(detail: impl Into<String>) -> Fault {
    RecordsError::Invalid { detail: detail.into() }.into()
}

pub(crate) fn damaged(what: &str) -> Fault {
    Fault::Damaged(what.to_owned())
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn errors_of_the_disk_are_told_from_damage_and_duplicates() {
        let map = |code| from_sqlite(&rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        for code in [
            ffi::SQLITE_FULL,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_READONLY_DBMOVED,
            ffi::SQLITE_CANTOPEN,
        ] {
            assert!(matches!(map(code), RecordsError::Storage { .. }), "{code}");
        }
        for code in [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_CONSTRAINT_PRIMARYKEY] {
            assert!(matches!(map(code), RecordsError::Conflict { .. }), "{code}");
        }
        for (code, word) in [
            (ffi::SQLITE_CORRUPT, "damaged"),
            (ffi::SQLITE_NOTADB, "damaged"),
            (ffi::SQLITE_BUSY, "locked"),
            (ffi::SQLITE_CONSTRAINT_FOREIGNKEY, "failed"),
        ] {
            let error = map(code);
            assert!(matches!(error, RecordsError::Failed { .. }), "{code}");
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
