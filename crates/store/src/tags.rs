//! Tags: names with a colour that people give to items.

use rusqlite::Row;

use crate::error::StoreError;
use crate::row::{all, first, get, insert, refuse_taken, run};
use crate::store::{Reader, Tx};

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its id.
    pub id: i64,
    /// Its name, unique whatever the case of its letters.
    pub name: String,
    /// Its colour, such as `#256af4`.
    pub color: String,
}

fn read(row: &Row<'_>) -> Result<Tag, StoreError> {
    Ok(Tag { id: get(row, "id")?, name: get(row, "name")?, color: get(row, "color")? })
}

/// What two names share that are the same one.
pub(crate) fn name_key(name: &str) -> String {
    name.to_lowercase()
}

impl Reader<'_> {
    /// All tags by name.
    pub fn tags(&self) -> Result<Vec<Tag>, StoreError> {
        all(self.conn, "SELECT * FROM tags ORDER BY name_key", [], read)
    }

    /// One tag.
    pub fn tag(&self, id: i64) -> Result<Tag, StoreError> {
        first(self.conn, "SELECT * FROM tags WHERE id = ?1", [id], read)?
            .ok_or(StoreError::NotFound { what: "tag", id })
    }

    /// The tags of an item by name.
    pub fn tags_of_part(&self, part_id: i64) -> Result<Vec<Tag>, StoreError> {
        let sql = "SELECT t.* FROM part_tags p JOIN tags t ON t.id = p.tag_id WHERE p.part_id = ?1 ORDER BY t.name_key";
        all(self.conn, sql, [part_id], read)
    }

    /// Each tag's id with the number of its last change.
    pub fn tag_versions(&self) -> Result<Vec<(i64, i64)>, StoreError> {
        all(self.conn, "SELECT id, version FROM tags ORDER BY id", [], |row| {
            Ok((get(row, "id")?, get(row, "version")?))
        })
    }

    /// The items that have a tag, by id.
    pub fn tagged_parts(&self, tag_id: i64) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT part_id FROM part_tags WHERE tag_id = ?1 ORDER BY part_id";
        all(self.conn, sql, [tag_id], |row| get(row, "part_id"))
    }
}

impl Tx<'_> {
    /// Makes a tag and gives its id.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when there is one of that name.
    pub fn tag_create(&self, name: &str, color: &str) -> Result<i64, StoreError> {
        self.tag_name_is_free(name, None)?;
        let sql = "INSERT INTO tags (name, name_key, color, created_at) VALUES (?1, ?2, ?3, ?4)";
        insert(self.conn, sql, (name, name_key(name), color, self.now().0))
    }

    /// Gives a tag another name or colour.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another one has the name.
    pub fn tag_update(&self, tag: &Tag) -> Result<(), StoreError> {
        self.tag(tag.id)?;
        self.tag_name_is_free(&tag.name, Some(tag.id))?;
        let sql = "UPDATE tags SET name = ?2, name_key = ?3, color = ?4 WHERE id = ?1";
        run(self.conn, sql, (tag.id, &tag.name, name_key(&tag.name), &tag.color)).map(drop)
    }

    /// Deletes a tag, and takes it from all items.
    pub fn tag_delete(&self, id: i64) -> Result<(), StoreError> {
        self.tag(id)?;
        run(self.conn, "DELETE FROM tags WHERE id = ?1", [id]).map(drop)
    }

    /// Gives a tag to items; gives how many of them had it not. Items that are no more are passed over.
    pub fn tag_apply(&self, tag_id: i64, part_ids: &[i64]) -> Result<usize, StoreError> {
        let sql = "INSERT OR IGNORE INTO part_tags (tag_id, part_id) SELECT ?1, id FROM parts WHERE id = ?2";
        self.tag_each(tag_id, part_ids, sql)
    }

    /// Takes a tag from items; gives how many of them had it.
    pub fn tag_remove(&self, tag_id: i64, part_ids: &[i64]) -> Result<usize, StoreError> {
        self.tag_each(tag_id, part_ids, "DELETE FROM part_tags WHERE tag_id = ?1 AND part_id = ?2")
    }

    fn tag_each(&self, tag_id: i64, part_ids: &[i64], sql: &str) -> Result<usize, StoreError> {
        self.tag(tag_id)?;
        let mut changed = 0;
        for part_id in part_ids {
            changed += run(self.conn, sql, (tag_id, part_id))?;
        }
        if changed > 0 {
            run(self.conn, "UPDATE tags SET version = version + 1 WHERE id = ?1", [tag_id])?;
        }
        Ok(changed)
    }

    fn tag_name_is_free(&self, name: &str, except: Option<i64>) -> Result<(), StoreError> {
        refuse_taken(self.conn, ("tags", "name_key"), "the tag name", (name, &name_key(name)), except)
    }
}
