//! From rows to values and back, once for all tables.

use mediaflow_core::identity::{ContentId, Hash};
use mediaflow_core::path::RelPath;
use mediaflow_core::time::Timestamp;
use rusqlite::types::FromSql;
use rusqlite::{Connection, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;

/// Runs a statement and gives the number of rows it changed.
pub(crate) fn run(conn: &Connection, sql: &str, params: impl Params) -> Result<usize, StoreError> {
    Ok(conn.prepare_cached(sql)?.execute(params)?)
}

/// Runs an INSERT and gives the new row's id.
pub(crate) fn insert(conn: &Connection, sql: &str, params: impl Params) -> Result<i64, StoreError> {
    Ok(conn.prepare_cached(sql)?.insert(params)?)
}

/// The first row, if there is one.
pub(crate) fn first<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

/// All rows.
pub(crate) fn all<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    each(conn, sql, params, |row| {
        found.push(read(row)?);
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// One row after the other, until `visit` breaks.
pub(crate) fn each(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    mut visit: impl FnMut(&Row<'_>) -> Result<std::ops::ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        if visit(row)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Refuses a name that another row of a table has. `name` is as it was written, `key` what two names share that are the same
/// one, which the table has in `column`.
pub(crate) fn refuse_taken(
    conn: &Connection,
    (table, column): (&str, &str),
    what: &'static str,
    (name, key): (&str, &str),
    except: Option<i64>,
) -> Result<(), StoreError> {
    let sql = format!("SELECT id FROM {table} WHERE {column} = ?1 AND id IS NOT ?2");
    match first(conn, &sql, (key, except), |row| get::<i64>(row, "id"))? {
        Some(_) => Err(StoreError::Taken { what, name: name.to_owned() }),
        None => Ok(()),
    }
}

/// A column as SQLite has it.
pub(crate) fn get<T: FromSql>(row: &Row<'_>, column: &str) -> Result<T, StoreError> {
    Ok(row.get(column)?)
}

/// An unsigned number. SQLite has signed ones only: the bits are kept, which inodes need and sizes never notice.
pub(crate) fn unsigned(row: &Row<'_>, column: &str) -> Result<u64, StoreError> {
    get::<i64>(row, column).map(i64::cast_unsigned)
}

/// An unsigned number that may be absent.
pub(crate) fn unsigned_opt(row: &Row<'_>, column: &str) -> Result<Option<u64>, StoreError> {
    Ok(get::<Option<i64>>(row, column)?.map(i64::cast_unsigned))
}

/// An instant.
pub(crate) fn time(row: &Row<'_>, column: &str) -> Result<Timestamp, StoreError> {
    get(row, column).map(Timestamp)
}

/// An instant that may be absent.
pub(crate) fn time_opt(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>, StoreError> {
    Ok(get::<Option<i64>>(row, column)?.map(Timestamp))
}

/// A path inside a storage.
pub(crate) fn path(row: &Row<'_>, column: &str) -> Result<RelPath, StoreError> {
    Ok(RelPath::new(get::<Vec<u8>>(row, column)?)?)
}

/// A value of a fixed list, by its name.
pub(crate) fn named<T>(row: &Row<'_>, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    let name: String = get(row, column)?;
    parse(&name).ok_or_else(|| unreadable(column, format!("{name:?} is not known")))
}

/// A value of a fixed list that may be absent.
pub(crate) fn named_opt<T>(
    row: &Row<'_>,
    column: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    match get::<Option<String>>(row, column)? {
        Some(_) => named(row, column, parse).map(Some),
        None => Ok(None),
    }
}

/// A hash.
pub(crate) fn hash(row: &Row<'_>, column: &str) -> Result<Hash, StoreError> {
    named(row, column, Hash::parse)
}

/// A hash that may be absent.
pub(crate) fn hash_opt(row: &Row<'_>, column: &str) -> Result<Option<Hash>, StoreError> {
    named_opt(row, column, Hash::parse)
}

/// The content in `content_size` and `content_edges`.
pub(crate) fn content(row: &Row<'_>) -> Result<ContentId, StoreError> {
    Ok(ContentId { size_bytes: unsigned(row, "content_size")?, edges: hash(row, "content_edges")? })
}

/// A value kept as JSON.
pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, StoreError> {
    let text: String = get(row, column)?;
    serde_json::from_str(&text).map_err(|error| unreadable(column, error.to_string()))
}

/// A value that may be absent, kept as JSON.
pub(crate) fn json_opt<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<Option<T>, StoreError> {
    match get::<Option<String>>(row, column)? {
        Some(_) => json(row, column).map(Some),
        None => Ok(None),
    }
}

/// A value as JSON text.
pub(crate) fn to_json(what: &'static str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Unstorable { what, source })
}

/// The serialised name of a value whose JSON is a plain string.
pub(crate) fn plain_name(what: &'static str, value: &impl Serialize) -> Result<String, StoreError> {
    Ok(to_json(what, value)?.trim_matches('"').to_owned())
}

/// Reads what [`plain_name`] wrote.
pub(crate) fn parse_plain<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

pub(crate) fn unreadable(column: &str, problem: String) -> StoreError {
    StoreError::Unreadable { column: column.to_owned(), problem }
}

/// A fixed list of values, each with the name under which the database keeps it.
macro_rules! named_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// Its stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Reads its stable name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use named_enum;
