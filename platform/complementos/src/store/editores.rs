//! Publishers and their keys: the platform's tables, seen by every chain.
use crate::model::{ClaveEditor, DatosEditor, Editor, NuevaClaveEditor, NuevoEditor};
use jiff_sqlx::{Timestamp as T, ToSqlx};
use kernel::{Problem, Tx, ids::ClaveEditorId};
use std::collections::BTreeMap;

struct Fila {
    clave: String,
    nombre: String,
    contacto: String,
    activo: bool,
    suspendido: bool,
    propio: bool,
    creado_en: T,
    version: i32,
}

/// Own ones, or all; one of them, or a page.
pub async fn list(tx: &mut Tx, propios: bool, clave: Option<&str>, after: Option<&str>, limit: i64) -> Result<Vec<Editor>, Problem> {
    let rows = sqlx::query_as!(
        Fila,
        r#"select clave, nombre, contacto, activo, suspendido, propietario = tenant_actual() as "propio!", creado_en, version from editores
            where (not $1 or propietario = tenant_actual()) and ($2::text is null or clave = $2) and ($3::text is null or clave > $3)
            order by clave limit $4"#,
        propios,
        clave,
        after,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let names: Vec<String> = rows.iter().map(|row| row.clave.clone()).collect();
    let mut keys = keys_of(tx, &names).await?;
    let editor = |row: Fila| Editor {
        claves: keys.remove(&row.clave).unwrap_or_default(),
        clave: row.clave,
        nombre: row.nombre,
        contacto: row.contacto,
        activo: row.activo,
        suspendido: row.suspendido,
        propio: row.propio,
        creado_en: row.creado_en.to_jiff(),
        version: row.version,
    };
    Ok(rows.into_iter().map(editor).collect())
}

async fn keys_of(tx: &mut Tx, editores: &[String]) -> Result<BTreeMap<String, Vec<ClaveEditor>>, Problem> {
    let rows = sqlx::query!(
        r#"select id, editor, clave, nota, creada_en as "creada_en: T", revocada_en as "revocada_en: T", motivo from editores_claves
            where editor = any($1) order by creada_en, id"#,
        editores
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut found: BTreeMap<String, Vec<ClaveEditor>> = BTreeMap::new();
    for row in rows {
        let key = ClaveEditor {
            id: row.id.into(),
            clave: row.clave,
            nota: row.nota,
            creada_en: row.creada_en.to_jiff(),
            revocada_en: row.revocada_en.map(T::to_jiff),
            motivo: row.motivo,
        };
        found.entry(row.editor).or_default().push(key);
    }
    Ok(found)
}

pub async fn get(tx: &mut Tx, clave: &str) -> Result<Option<Editor>, Problem> {
    Ok(list(tx, false, Some(clave), None, 1).await?.pop())
}

/// One of this chain's, kept as it is until the transaction ends.
pub async fn lock_own(tx: &mut Tx, clave: &str) -> Result<Option<Editor>, Problem> {
    sqlx::query!("select clave from editores where clave = $1 and propietario = tenant_actual() for update", clave)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(list(tx, true, Some(clave), None, 1).await?.pop())
}

pub async fn insert(tx: &mut Tx, nuevo: &NuevoEditor) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into editores (clave, nombre, contacto, creado_en) values ($1, $2, $3, $4)",
        nuevo.clave,
        nuevo.nombre,
        nuevo.contacto,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn update(tx: &mut Tx, clave: &str, datos: &DatosEditor) -> Result<(), Problem> {
    sqlx::query!(
        "update editores set nombre = $2, contacto = $3, activo = $4, version = version + 1 where clave = $1",
        clave,
        datos.nombre,
        datos.contacto,
        datos.activo
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn suspend(tx: &mut Tx, clave: &str, suspendido: bool) -> Result<(), Problem> {
    sqlx::query!("update editores set suspendido = $2, version = version + 1 where clave = $1", clave, suspendido)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn insert_key(tx: &mut Tx, editor: &str, nueva: &NuevaClaveEditor) -> Result<ClaveEditorId, Problem> {
    let (id, now) = (ClaveEditorId::new(), tx.now().to_sqlx());
    sqlx::query!(
        "insert into editores_claves (id, editor, clave, nota, creada_en) values ($1, $2, $3, $4, $5)",
        id.0,
        editor,
        nueva.clave,
        nueva.nota,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// `false` if it is none of theirs, or was revoked before.
pub async fn revoke(tx: &mut Tx, editor: &str, id: ClaveEditorId, motivo: &str) -> Result<bool, Problem> {
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        "update editores_claves set revocada_en = $3, motivo = $4 where editor = $1 and id = $2 and revocada_en is null",
        editor,
        id.0,
        now as _,
        motivo
    );
    Ok(done.execute(&mut **tx).await?.rows_affected() > 0)
}

/// Every key with its publisher, and whether it counts.
pub async fn all_keys(tx: &mut Tx) -> Result<Vec<Firmante>, Problem> {
    Ok(sqlx::query_as!(
        Firmante,
        r#"select k.editor, k.clave, k.revocada_en is not null as "revocada!", e.activo and not e.suspendido as "activo!",
                  e.propietario = tenant_actual() as "propio!"
             from editores_claves k join editores e on e.clave = k.editor"#
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub struct Firmante {
    pub editor: String,
    pub clave: String,
    pub revocada: bool,
    pub activo: bool,
    pub propio: bool,
}
