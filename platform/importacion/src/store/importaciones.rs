//! `importaciones`.
use crate::model::{CuentaDeFilas, DatosImportacion, Estado, Formato, Importacion, Mapeo, Opciones, Tipo};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Sedes, Tx,
    ids::{ImportacionId, SedeId},
};
use sqlx::types::Json;
use uuid::Uuid;

/// Which of them.
#[derive(Debug, Default)]
pub struct Filtro {
    pub id: Option<ImportacionId>,
    pub tipo: Option<Tipo>,
    /// Only those of this person.
    pub de: Option<Uuid>,
    /// Older than this one.
    pub before: Option<ImportacionId>,
}

/// The newest first.
pub async fn list(tx: &mut Tx, filtro: Filtro, limit: i64) -> Result<Vec<Importacion>, Problem> {
    let rows = sqlx::query!(
        r#"select id, tipo, nombre, formato, separador, codificacion, columnas, mapeo as "mapeo: Json<Mapeo>", opciones as "opciones: Json<Opciones>",
                  sedes, estado, filas, hechas, nuevas, actualizadas, omitidas, errores, error, archivada, creado_en, creado_por, actor_tipo,
                  empezada_en, terminada_en, version
             from importaciones
            where ($1::uuid is null or id = $1) and ($2::text is null or tipo = $2) and ($3::uuid is null or creado_por = $3)
              and ($4::uuid is null or id < $4)
            order by id desc limit $5"#,
        filtro.id as _,
        filtro.tipo as _,
        filtro.de,
        filtro.before as _,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let all = rows.into_iter().map(|r| Importacion {
        id: r.id,
        tipo: r.tipo,
        nombre: r.nombre,
        formato: r.formato,
        separador: r.separador,
        codificacion: r.codificacion,
        columnas: r.columnas,
        mapeo: r.mapeo.0,
        opciones: r.opciones.0,
        estado: r.estado,
        filas: r.filas,
        cuenta: CuentaDeFilas {
            hechas: r.hechas,
            nuevas: r.nuevas,
            actualizadas: r.actualizadas,
            omitidas: r.omitidas,
            errores: r.errores,
        },
        error: r.error,
        archivada: r.archivada,
        creado_en: r.creado_en.to_jiff(),
        creado_por: r.creado_por,
        empezada_en: r.empezada_en.map(|en| en.to_jiff()),
        terminada_en: r.terminada_en.map(|en| en.to_jiff()),
        version: r.version,
        sedes: r.sedes.map(|sedes| sedes.into_iter().map(SedeId).collect()),
        actor_tipo: r.actor_tipo,
    });
    Ok(all.collect())
}

pub async fn find(tx: &mut Tx, id: ImportacionId, de: Option<Uuid>) -> Result<Option<Importacion>, Problem> {
    Ok(list(tx, Filtro { id: Some(id), de, ..Filtro::default() }, 1).await?.pop())
}

/// Until the transaction ends nobody else works on it.
pub async fn lock(tx: &mut Tx, id: ImportacionId, de: Option<Uuid>) -> Result<Option<Importacion>, Problem> {
    sqlx::query!("select id from importaciones where id = $1 for update", id as _).fetch_optional(&mut **tx).await?;
    find(tx, id, de).await
}

pub async fn insert(tx: &mut Tx, new: &Importacion, resumen: &[u8]) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    let sedes: Option<Vec<Uuid>> = match &tx.who().sedes {
        Sedes::Cadena => None,
        Sedes::Lista(sedes) => Some(sedes.iter().map(|sede| sede.0).collect()),
    };
    sqlx::query!(
        "insert into importaciones (id, tipo, nombre, formato, separador, codificacion, resumen, columnas, mapeo, opciones, sedes, estado, filas,
                                    creado_en, creado_por, actor_tipo)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'lista', $12, $13, $14, $15)",
        new.id as _,
        new.tipo as _,
        new.nombre,
        new.formato as Formato,
        new.separador,
        new.codificacion,
        resumen,
        &new.columnas,
        Json(&new.mapeo) as _,
        Json(&new.opciones) as _,
        sedes.as_deref(),
        new.filas,
        now as _,
        new.creado_por,
        new.actor_tipo,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How a file of this kind with these very titles was read the last time that it was imported.
pub async fn which_mapping(tx: &mut Tx, tipo: Tipo, columnas: &[String]) -> Result<Option<(Mapeo, Opciones)>, Problem> {
    let row = sqlx::query!(
        r#"select mapeo as "mapeo: Json<Mapeo>", opciones as "opciones: Json<Opciones>" from importaciones
            where tipo = $1 and estado = 'importada' and columnas = $2 order by id desc limit 1"#,
        tipo as _,
        columnas
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (row.mapeo.0, row.opciones.0)))
}

/// Other columns or options: what a trial had said counts no more.
pub async fn change(tx: &mut Tx, id: ImportacionId, datos: &DatosImportacion) -> Result<(), Problem> {
    sqlx::query!(
        "update importaciones set mapeo = $2, opciones = $3, estado = 'lista', hechas = 0, nuevas = 0, actualizadas = 0, omitidas = 0, errores = 0,
                error = null, version = version + 1 where id = $1",
        id as _,
        Json(&datos.mapeo) as _,
        Json(&datos.opciones) as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Begins from the first row.
pub async fn restart(tx: &mut Tx, id: ImportacionId, estado: Estado) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update importaciones set estado = $2, hechas = 0, nuevas = 0, actualizadas = 0, omitidas = 0, errores = 0, error = null, empezada_en = $3,
                terminada_en = null, version = version + 1 where id = $1",
        id as _,
        estado as _,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Another step; `error` says why it could not go on.
pub async fn set_estado(tx: &mut Tx, id: ImportacionId, estado: Estado, error: Option<&str>) -> Result<(), Problem> {
    let ends = (!estado.en_curso()).then(|| tx.now().to_sqlx());
    sqlx::query!(
        "update importaciones set estado = $2, error = $3, terminada_en = $4, version = version + 1 where id = $1",
        id as _,
        estado as _,
        error,
        ends as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What a portion adds.
pub async fn advance(tx: &mut Tx, id: ImportacionId, cuenta: &CuentaDeFilas) -> Result<(), Problem> {
    sqlx::query!(
        "update importaciones set hechas = hechas + $2, nuevas = nuevas + $3, actualizadas = actualizadas + $4, omitidas = omitidas + $5,
                errores = errores + $6, version = version + 1 where id = $1",
        id as _,
        cuenta.hechas,
        cuenta.nuevas,
        cuenta.actualizadas,
        cuenta.omitidas,
        cuenta.errores
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The file is gone from the store.
pub async fn archive(tx: &mut Tx, id: ImportacionId) -> Result<(), Problem> {
    sqlx::query!("update importaciones set archivada = true, version = version + 1 where id = $1", id as _).execute(&mut **tx).await?;
    Ok(())
}
