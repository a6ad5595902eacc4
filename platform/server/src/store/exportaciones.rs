//! `exportaciones`.
use crate::portable::pedidos::{Estado, Exportacion};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{OnConstraint, Problem, Tx, ids::ExportacionId};

/// One of them, or a page, the newest first.
pub async fn list(tx: &mut Tx, id: Option<ExportacionId>, before: Option<ExportacionId>, limit: i64) -> Result<Vec<Exportacion>, Problem> {
    let rows = sqlx::query!(
        r#"select id, estado as "estado: Estado", tablas, de_tablas, filas, bytes, resumen, error, creado_en as "creado_en: jiff_sqlx::Timestamp", creado_por,
                  lista_en as "lista_en: jiff_sqlx::Timestamp", vence_en as "vence_en: jiff_sqlx::Timestamp", version
             from exportaciones where ($1::uuid is null or id = $1) and ($2::uuid is null or id < $2) order by id desc limit $3"#,
        id as _,
        before as _,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let all = rows.into_iter().map(|r| Exportacion {
        id: ExportacionId(r.id),
        estado: r.estado,
        tablas: r.tablas,
        de_tablas: r.de_tablas,
        filas: r.filas,
        bytes: r.bytes,
        sha256: r.resumen.map(crate::portable::hex),
        error: r.error,
        creado_en: r.creado_en.to_jiff(),
        creado_por: r.creado_por,
        lista_en: r.lista_en.map(|en| en.to_jiff()),
        vence_en: r.vence_en.map(|en| en.to_jiff()),
        version: r.version,
    });
    Ok(all.collect())
}

pub async fn find(tx: &mut Tx, id: ExportacionId) -> Result<Option<Exportacion>, Problem> {
    Ok(list(tx, Some(id), None, 1).await?.pop())
}

/// One at a time: `busy` if there is one already.
pub async fn insert(tx: &mut Tx, id: ExportacionId, de_tablas: i32, busy: impl FnOnce() -> Problem) -> Result<(), Problem> {
    let (now, author) = (tx.now().to_sqlx(), tx.author());
    sqlx::query!(
        "insert into exportaciones (id, estado, de_tablas, creado_en, creado_por) values ($1, 'en_curso', $2, $3, $4)",
        id as _,
        de_tablas,
        now as _,
        author
    )
    .execute(&mut **tx)
    .await
    .on_constraint("exportaciones_una", busy)?;
    Ok(())
}

pub async fn advance(tx: &mut Tx, id: ExportacionId, tablas: i32) -> Result<(), Problem> {
    sqlx::query!("update exportaciones set tablas = $2, version = version + 1 where id = $1 and tablas <> $2", id as _, tablas)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn ready(tx: &mut Tx, id: ExportacionId, (filas, bytes): (i64, i64), resumen: &[u8], vence: Timestamp) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update exportaciones set estado = 'lista', tablas = de_tablas, filas = $2, bytes = $3, resumen = $4, lista_en = $5, vence_en = $6,
                version = version + 1 where id = $1",
        id as _,
        filas,
        bytes,
        resumen,
        now as _,
        vence.to_sqlx() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn set_estado(tx: &mut Tx, id: ExportacionId, estado: Estado, error: Option<&str>) -> Result<(), Problem> {
    sqlx::query!("update exportaciones set estado = $2, error = $3, version = version + 1 where id = $1", id as _, estado as _, error)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
