//! Holidays: the platform's, and the chain's own.
use crate::model::{Feriado, NuevoFeriado};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{FeriadoId, SedeId},
};

/// All that hold for the chain.
pub async fn feriados(tx: &mut Tx, desde: Date, hasta: Date) -> Result<Vec<Feriado>, Problem> {
    let filas = sqlx::query_as!(
        Feriado,
        r#"select id as "id: FeriadoId", fecha as "fecha!", ambito as "ambito!", nombre as "nombre!", fuente as "fuente!"
             from v_feriados_agenda where fecha between $1 and $2 order by fecha, ambito, id"#,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas)
}

/// That day as the platform's calendar has it there, the widest first.
pub async fn feriado_de_la_plataforma(tx: &mut Tx, fecha: Date, ambito: &str) -> Result<Option<Feriado>, Problem> {
    let fila = sqlx::query!(
        "select ambito, nombre, fuente from feriados where fecha = $1 and starts_with($2, ambito) order by length(ambito) limit 1",
        fecha.to_sqlx() as _,
        ambito
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(fila.map(|f| Feriado { id: None, fecha, ambito: f.ambito, nombre: f.nombre, fuente: f.fuente }))
}

/// Sedes that lie there, of the whole chain.
pub async fn sedes_en(tx: &mut Tx, ambito: &str) -> Result<Vec<SedeId>, Problem> {
    let sedes = sqlx::query_scalar!(r#"select id as "id!: SedeId" from v_sedes where starts_with(coalesce(ubigeo, ''), $1)"#, ambito);
    Ok(sedes.fetch_all(&mut **tx).await?)
}

/// Those of them that such a day closes, each with the name of its zone.
pub async fn sedes_que_cierran(tx: &mut Tx, ambito: &str) -> Result<Vec<(SedeId, String)>, Problem> {
    let filas = sqlx::query!(
        r#"select id as "id!: SedeId", zona_horaria as "zona_horaria!" from v_sedes
            where activa and not atiende_feriados and starts_with(coalesce(ubigeo, ''), $1) order by id"#,
        ambito
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(|f| (f.id, f.zona_horaria)).collect())
}

/// `false`: the chain has that day there already.
pub async fn insert_feriado(tx: &mut Tx, id: FeriadoId, feriado: &NuevoFeriado) -> Result<bool, Problem> {
    let now = tx.now();
    let done = sqlx::query!(
        "insert into feriados_propios (id, fecha, ambito, nombre, fuente, creado_en) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        id as _,
        feriado.fecha.to_sqlx() as _,
        feriado.ambito,
        feriado.nombre,
        feriado.fuente,
        now.to_sqlx() as _
    );
    Ok(done.execute(&mut **tx).await?.rows_affected() == 1)
}

/// One of the chain's own. Until the transaction ends nobody else takes it away.
pub async fn lock_feriado(tx: &mut Tx, id: FeriadoId) -> Result<Option<Feriado>, Problem> {
    let fila = sqlx::query!(
        r#"select id as "id: FeriadoId", fecha, ambito, nombre, fuente from feriados_propios where id = $1 for update"#,
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(fila.map(|f| Feriado { id: Some(f.id), fecha: f.fecha.into(), ambito: f.ambito, nombre: f.nombre, fuente: f.fuente }))
}

pub async fn delete_feriado(tx: &mut Tx, id: FeriadoId) -> Result<(), Problem> {
    sqlx::query!("delete from feriados_propios where id = $1", id as _).execute(&mut **tx).await?;
    Ok(())
}

/// The chain's own of that day and place.
pub async fn feriado_propio(tx: &mut Tx, fecha: Date, ambito: &str) -> Result<Option<NuevoFeriado>, Problem> {
    let fila = sqlx::query!("select nombre, fuente from feriados_propios where fecha = $1 and ambito = $2", fecha.to_sqlx() as _, ambito)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(fila.map(|f| NuevoFeriado { fecha, ambito: ambito.to_owned(), nombre: f.nombre, fuente: f.fuente }))
}

/// The chain's own, as its file has it.
pub async fn guardar_feriado(tx: &mut Tx, feriado: &NuevoFeriado) -> Result<FeriadoId, Problem> {
    let now = tx.now();
    let id = sqlx::query_scalar!(
        r#"insert into feriados_propios as f (id, fecha, ambito, nombre, fuente, creado_en) values ($1, $2, $3, $4, $5, $6)
           on conflict (tenant_id, fecha, ambito) do update set nombre = $4, fuente = $5 returning f.id as "id!: FeriadoId""#,
        FeriadoId::new() as _,
        feriado.fecha.to_sqlx() as _,
        feriado.ambito,
        feriado.nombre,
        feriado.fuente,
        now.to_sqlx() as _
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(id)
}

/// The platform's calendar; the connection has the operator's role. Says how many were new or changed.
pub async fn upsert_feriados(db: &mut sqlx::PgConnection, feriados: &[crate::aplicar::FeriadoSeccion]) -> Result<u64, Problem> {
    let fechas: Vec<jiff_sqlx::Date> = feriados.iter().map(|f| f.fecha.to_sqlx()).collect();
    let ambitos: Vec<&str> = feriados.iter().map(|f| f.ambito.as_str()).collect();
    let nombres: Vec<&str> = feriados.iter().map(|f| f.nombre.as_str()).collect();
    let fuentes: Vec<&str> = feriados.iter().map(|f| f.fuente.as_str()).collect();
    let done = sqlx::query!(
        "insert into huella.feriados as f (fecha, ambito, nombre, fuente)
         select * from unnest($1::date[], $2::text[], $3::text[], $4::text[])
         on conflict (fecha, ambito) do update set nombre = excluded.nombre, fuente = excluded.fuente
          where (f.nombre, f.fuente) is distinct from (excluded.nombre, excluded.fuente)",
        fechas as _,
        &ambitos as &[&str],
        &nombres as &[&str],
        &fuentes as &[&str]
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
