//! Alerts as people see and dismiss them.
use crate::{
    model::medicas::{Alerta, AlertaDeLista, CierreMotivo, Descarte, Evidencia},
    puertos::Gravedad,
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{AlertaId, MascotaId, SedeId},
};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

struct Fila {
    id: AlertaId,
    mascota_id: MascotaId,
    complemento: String,
    version: String,
    digest: String,
    revision: i32,
    regla: String,
    clave: String,
    gravedad: Gravedad,
    titulo: String,
    detalle: String,
    vence: Option<jiff_sqlx::Date>,
    evidencia: Json<Vec<String>>,
    hechos: Json<Vec<Value>>,
    sugiere_bloquear: bool,
    desde: jiff_sqlx::Timestamp,
    cambiada_en: jiff_sqlx::Timestamp,
    cerrada_en: Option<jiff_sqlx::Timestamp>,
    cerrada_motivo: Option<CierreMotivo>,
    descartada_por: Option<Uuid>,
    descarte_motivo: Option<String>,
    descarte_hasta: Option<jiff_sqlx::Date>,
    calla: bool,
}

impl From<Fila> for Alerta {
    fn from(fila: Fila) -> Self {
        let descarte = fila.descarte_motivo.map(|motivo| Descarte {
            motivo,
            por: fila.descartada_por.unwrap_or_default(),
            hasta: fila.descarte_hasta.map(|date| date.to_jiff()),
            vigente: fila.calla,
        });
        Self {
            id: fila.id,
            mascota_id: fila.mascota_id,
            complemento: fila.complemento,
            version: fila.version,
            digest: fila.digest,
            revision: fila.revision,
            regla: fila.regla,
            clave: fila.clave,
            gravedad: fila.gravedad,
            titulo: fila.titulo,
            detalle: fila.detalle,
            vence: fila.vence.map(|date| date.to_jiff()),
            evidencia: Evidencia::read(&fila.evidencia, &fila.hechos),
            sugiere_bloquear: fila.sugiere_bloquear,
            desde: fila.desde.to_jiff(),
            cambiada_en: fila.cambiada_en.to_jiff(),
            cerrada_en: fila.cerrada_en.map(|at| at.to_jiff()),
            cerrada_motivo: fila.cerrada_motivo,
            descarte,
        }
    }
}

/// Alerts that a condition picks.
macro_rules! leer {
    ($tx:expr, $which:tt, $($argument:expr),+) => {
        sqlx::query_as!(
            Fila,
            r#"select id as "id: AlertaId", mascota_id as "mascota_id: MascotaId", complemento, version, digest, revision, regla, clave,
                      gravedad as "gravedad: Gravedad", titulo, detalle, vence as "vence: jiff_sqlx::Date",
                      evidencia as "evidencia: Json<Vec<String>>", hechos as "hechos: Json<Vec<Value>>", sugiere_bloquear, desde, cambiada_en,
                      cerrada_en, cerrada_motivo as "cerrada_motivo: CierreMotivo", descartada_por, descarte_motivo,
                      descarte_hasta as "descarte_hasta: jiff_sqlx::Date", calla
                 from alertas_medicas "# + $which,
            $($argument),+
        )
        .fetch_all(&mut **$tx)
        .await
    };
}

/// Closed ones that are shown of a pet.
const CERRADAS: i64 = 200;

/// What is open, the gravest first and then what is due first.
pub async fn abiertas(tx: &mut Tx, mascota: MascotaId) -> Result<Vec<Alerta>, Problem> {
    let filas = leer!(
        tx,
        "where mascota_id = $1 and cerrada_en is null
         order by array_position(array['critica', 'advertencia', 'info'], gravedad), orden, id",
        mascota as _
    )?;
    Ok(filas.into_iter().map(Into::into).collect())
}

/// What is closed of a pet with its records, the last one first.
pub async fn cerradas(tx: &mut Tx, registros: &[MascotaId]) -> Result<Vec<Alerta>, Problem> {
    let filas = leer!(
        tx,
        "where mascota_id = any ($1) and cerrada_en is not null order by cerrada_en desc, id desc limit $2",
        registros as _,
        CERRADAS
    )?;
    Ok(filas.into_iter().map(Into::into).collect())
}

pub async fn una(tx: &mut Tx, id: AlertaId) -> Result<Option<Alerta>, Problem> {
    Ok(leer!(tx, "where id = $1", id as _)?.into_iter().next().map(Into::into))
}

/// Whether another alert stands for its key by now.
pub async fn tiene_otra(tx: &mut Tx, alerta: &Alerta) -> Result<bool, Problem> {
    let otra = sqlx::query_scalar!(
        r#"select exists (select from alertas_medicas where mascota_id = $1 and complemento = $2 and clave = $3 and vigente and id <> $4) as "otra!""#,
        alerta.mascota_id as _,
        alerta.complemento,
        alerta.clave,
        alerta.id as _
    );
    Ok(otra.fetch_one(&mut **tx).await?)
}

pub async fn descartar(tx: &mut Tx, id: AlertaId, motivo: &str, hasta: Option<Date>) -> Result<(), Problem> {
    let (now, por) = (tx.now().to_sqlx(), tx.author());
    sqlx::query!(
        "update alertas_medicas set cerrada_en = $2, cerrada_motivo = 'descartada', calla = true, descartada_por = $3, descarte_motivo = $4,
                descarte_hasta = $5 where id = $1",
        id as _,
        now as _,
        por,
        motivo,
        hasta.map(|date| date.to_sqlx()) as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn reabrir(tx: &mut Tx, id: AlertaId) -> Result<(), Problem> {
    sqlx::query!(
        "update alertas_medicas set cerrada_en = null, cerrada_motivo = null, calla = false, descartada_por = null, descarte_motivo = null,
                descarte_hasta = null where id = $1",
        id as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Which open alerts of the chain.
#[derive(Debug, Default)]
pub struct Filtro {
    pub gravedad: Option<Gravedad>,
    pub complemento: Option<String>,
    pub regla: Option<String>,
    pub sede: Option<SedeId>,
    pub vence_desde: Option<Date>,
    pub vence_hasta: Option<Date>,
    pub after: Option<(Date, Uuid)>,
}

fn clave(gravedad: Gravedad) -> &'static str {
    match gravedad {
        Gravedad::Info => "info",
        Gravedad::Advertencia => "advertencia",
        Gravedad::Critica => "critica",
    }
}

/// What is due first first; what has no date last.
pub async fn lista(tx: &mut Tx, filtro: Filtro, limit: i64) -> Result<Vec<AlertaDeLista>, Problem> {
    let (orden, id) = filtro.after.unzip();
    let rows = sqlx::query!(
        r#"select a.id as "id: AlertaId", a.mascota_id as "mascota_id: MascotaId", m.nombre as "mascota!", m.especie as "especie?", m.tutor as "tutor?",
                  a.gravedad as "gravedad: Gravedad", a.titulo, a.detalle, a.vence as "vence: jiff_sqlx::Date", a.complemento, a.version, a.regla,
                  a.sugiere_bloquear, a.desde
             from alertas_medicas a join v_mascotas m on m.id = a.mascota_id
            where a.cerrada_en is null
              and ($1::text is null or a.gravedad = $1) and ($2::text is null or a.complemento = $2) and ($3::text is null or a.regla = $3)
              and ($4::date is null or a.vence >= $4) and ($5::date is null or a.vence <= $5)
              and ($6::uuid is null or exists (select from v_mascotas_sedes s where s.mascota_id = a.mascota_id and s.sede_id = $6))
              and ($7::date is null or (a.orden, a.id) > ($7, $8::uuid))
            order by a.orden, a.id limit $9"#,
        filtro.gravedad.map(clave),
        filtro.complemento,
        filtro.regla,
        filtro.vence_desde.map(|date| date.to_sqlx()) as _,
        filtro.vence_hasta.map(|date| date.to_sqlx()) as _,
        filtro.sede.map(Uuid::from),
        orden.map(|date| date.to_sqlx()) as _,
        id,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let one = rows.into_iter().map(|row| AlertaDeLista {
        id: row.id,
        mascota_id: row.mascota_id,
        mascota: row.mascota,
        especie: row.especie.unwrap_or_default(),
        tutor: row.tutor,
        gravedad: row.gravedad,
        titulo: row.titulo,
        detalle: row.detalle,
        vence: row.vence.map(|date| date.to_jiff()),
        complemento: row.complemento,
        version: row.version,
        regla: row.regla,
        sugiere_bloquear: row.sugiere_bloquear,
        desde: row.desde.to_jiff(),
    });
    Ok(one.collect())
}
