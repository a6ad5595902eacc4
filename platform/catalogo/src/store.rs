//! Every SQL statement of the catalogue.
use crate::model::{AmbienteTipo, DatosServicio, Servicio};
use kernel::{
    OnConstraint, Problem, Soles, Tx,
    ids::{ServicioId, UsuarioId},
    problem::kinds,
};

struct Fila {
    id: ServicioId,
    codigo: String,
    nombre: String,
    duracion_min: i32,
    antes_min: i32,
    despues_min: i32,
    ambiente_tipo: Option<AmbienteTipo>,
    equipos_tipos: Vec<String>,
    color: Option<String>,
    indicaciones: Option<String>,
    precio: Option<i64>,
    silencioso: bool,
    activo: bool,
    version: i32,
    medicos: Vec<UsuarioId>,
}

impl From<Fila> for Servicio {
    fn from(fila: Fila) -> Self {
        Self {
            id: fila.id,
            codigo: fila.codigo,
            nombre: fila.nombre,
            duracion_min: fila.duracion_min,
            antes_min: fila.antes_min,
            despues_min: fila.despues_min,
            ambiente_tipo: fila.ambiente_tipo,
            equipos_tipos: fila.equipos_tipos,
            color: fila.color,
            indicaciones: fila.indicaciones,
            precio: fila.precio.map(Soles),
            medicos: fila.medicos,
            silencioso: fila.silencioso,
            activo: fila.activo,
            version: fila.version,
        }
    }
}

/// In order of code, after `after`; with `solo_activos` no retired ones.
pub async fn list(tx: &mut Tx, solo_activos: bool, after: Option<&str>, limit: i64) -> Result<Vec<Servicio>, Problem> {
    let filas = sqlx::query_as!(
        Fila,
        r#"select s.id, s.codigo, s.nombre, s.duracion_min, s.antes_min, s.despues_min, s.ambiente_tipo, s.equipos_tipos, s.color,
                  s.indicaciones, s.precio, s.silencioso, s.activo, s.version,
                  array (select m.medico_id from servicios_medicos m where m.servicio_id = s.id order by 1) as "medicos!: Vec<UsuarioId>"
             from servicios s
            where (s.activo or not $1) and ($2::text is null or s.codigo > $2) order by s.codigo limit $3"#,
        solo_activos,
        after,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(Servicio::from).collect())
}

pub async fn find(tx: &mut Tx, id: ServicioId) -> Result<Option<Servicio>, Problem> {
    let fila = sqlx::query_as!(
        Fila,
        r#"select s.id, s.codigo, s.nombre, s.duracion_min, s.antes_min, s.despues_min, s.ambiente_tipo, s.equipos_tipos, s.color,
                  s.indicaciones, s.precio, s.silencioso, s.activo, s.version,
                  array (select m.medico_id from servicios_medicos m where m.servicio_id = s.id order by 1) as "medicos!: Vec<UsuarioId>"
             from servicios s where s.id = $1"#,
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(fila.map(Servicio::from))
}

/// The same, with the row locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: ServicioId) -> Result<Option<Servicio>, Problem> {
    sqlx::query!("select from servicios where id = $1 for no key update", id as _).execute(&mut **tx).await?;
    find(tx, id).await
}

/// Which of these are vets in activity.
pub async fn medicos(tx: &mut Tx, ids: &[UsuarioId]) -> Result<Vec<UsuarioId>, Problem> {
    Ok(sqlx::query_scalar!(r#"select id as "id!: UsuarioId" from v_medicos where id = any ($1) and activo"#, ids as _)
        .fetch_all(&mut **tx)
        .await?)
}

pub async fn insert(tx: &mut Tx, datos: &DatosServicio) -> Result<ServicioId, Problem> {
    let id = ServicioId::new();
    sqlx::query!(
        "insert into servicios (id, codigo, nombre, duracion_min, antes_min, despues_min, ambiente_tipo, equipos_tipos, color, indicaciones,
                                precio, activo, silencioso)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        id as _,
        datos.codigo,
        datos.nombre.trim(),
        datos.duracion_min,
        datos.antes_min,
        datos.despues_min,
        datos.ambiente_tipo as _,
        &datos.equipos_tipos,
        datos.color,
        datos.indicaciones,
        datos.precio.map(|precio| precio.0),
        datos.activo,
        datos.silencioso
    )
    .execute(&mut **tx)
    .await
    .on_constraint("servicios_tenant_id_codigo_key", || Problem::new(kinds::DUPLICATE).detail("Ya hay un servicio con ese código."))?;
    set_medicos(tx, id, &datos.medicos).await?;
    Ok(id)
}

pub async fn update(tx: &mut Tx, id: ServicioId, datos: &DatosServicio) -> Result<(), Problem> {
    sqlx::query!(
        "update servicios set nombre = $2, duracion_min = $3, antes_min = $4, despues_min = $5, ambiente_tipo = $6, equipos_tipos = $7,
                color = $8, indicaciones = $9, precio = $10, activo = $11, silencioso = $12, version = version + 1
          where id = $1",
        id as _,
        datos.nombre.trim(),
        datos.duracion_min,
        datos.antes_min,
        datos.despues_min,
        datos.ambiente_tipo as _,
        &datos.equipos_tipos,
        datos.color,
        datos.indicaciones,
        datos.precio.map(|precio| precio.0),
        datos.activo,
        datos.silencioso
    )
    .execute(&mut **tx)
    .await?;
    set_medicos(tx, id, &datos.medicos).await
}

async fn set_medicos(tx: &mut Tx, id: ServicioId, medicos: &[UsuarioId]) -> Result<(), Problem> {
    sqlx::query!("delete from servicios_medicos where servicio_id = $1 and medico_id <> all ($2)", id as _, medicos as _)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "insert into servicios_medicos (servicio_id, medico_id) select $1, m from unnest($2::uuid[]) as m on conflict do nothing",
        id as _,
        medicos as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
