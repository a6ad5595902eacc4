//! What an evaluation reads and writes: many pets in a statement.
use crate::{
    model::medicas::{Afirmacion, CierreMotivo, Vigente},
    puertos::{Gravedad, Regla},
};
use jiff::tz::TimeZone;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{AlertaId, MascotaId, SedeId},
};
use serde_json::{Value, json};
use sqlx::types::Json;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Until the transaction ends nobody else writes alerts of this chain.
pub async fn hold(tx: &mut Tx) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'alertas', 0))").execute(&mut **tx).await?;
    Ok(())
}

/// The zone in which most of the chain's sedes are.
pub async fn zona(tx: &mut Tx) -> Result<TimeZone, Problem> {
    let zona = sqlx::query_scalar!(
        r#"select zona_horaria as "zona!" from v_sedes where activa group by zona_horaria order by count(*) desc, zona_horaria limit 1"#
    );
    let zona = zona.fetch_optional(&mut **tx).await?;
    TimeZone::get(zona.as_deref().unwrap_or("America/Lima")).map_err(Problem::internal)
}

/// What stands of these pets, by pet.
pub async fn vigentes(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<HashMap<MascotaId, Vec<Vigente>>, Problem> {
    let rows = sqlx::query!(
        r#"select id as "id: AlertaId", mascota_id as "mascota_id: MascotaId", complemento, clave, regla, gravedad as "gravedad: Gravedad",
                  titulo, detalle, vence as "vence: jiff_sqlx::Date", hechos as "hechos: Json<Vec<Value>>", sugiere_bloquear, calla,
                  descarte_hasta as "descarte_hasta: jiff_sqlx::Date"
             from alertas_medicas where mascota_id = any ($1) and vigente order by complemento, clave"#,
        mascotas as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut all: HashMap<MascotaId, Vec<Vigente>> = HashMap::with_capacity(mascotas.len());
    for row in rows {
        all.entry(row.mascota_id).or_default().push(Vigente {
            id: row.id,
            complemento: row.complemento,
            clave: row.clave,
            regla: row.regla,
            gravedad: row.gravedad,
            titulo: row.titulo,
            detalle: row.detalle,
            vence: row.vence.map(|date| date.to_jiff()),
            hechos: row.hechos.0,
            sugiere_bloquear: row.sugiere_bloquear,
            callada: row.calla,
            callada_hasta: row.descarte_hasta.map(|date| date.to_jiff()),
        });
    }
    Ok(all)
}

/// Where each of these pets is known.
pub async fn sedes(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<HashMap<MascotaId, Vec<SedeId>>, Problem> {
    let rows = sqlx::query!(
        r#"select s.mascota_id as "mascota!: MascotaId", s.sede_id as "sede!: SedeId"
             from unnest($1::uuid[]) as q(id) cross join lateral (select * from v_mascotas_sedes v where v.mascota_id = q.id offset 0) s"#,
        mascotas as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut all: HashMap<MascotaId, Vec<SedeId>> = HashMap::new();
    for row in rows {
        all.entry(row.mascota).or_default().push(row.sede);
    }
    Ok(all)
}

/// An alert to be opened, or to be said otherwise.
pub struct Escrita<'a> {
    pub id: AlertaId,
    pub mascota: MascotaId,
    pub regla: &'a dyn Regla,
    pub afirmacion: &'a Afirmacion,
}

/// As the statements below read it.
fn filas(all: &[Escrita<'_>]) -> Value {
    let fila = |one: &Escrita<'_>| {
        let mut fila = json!(one.afirmacion);
        fila["id"] = json!(one.id);
        fila["mascota_id"] = json!(one.mascota);
        fila["complemento"] = json!(one.regla.complemento());
        fila["version"] = json!(one.regla.version());
        fila["digest"] = json!(one.regla.digest());
        fila["revision"] = json!(one.regla.revision());
        fila
    };
    all.iter().map(fila).collect()
}

pub async fn abrir(tx: &mut Tx, all: &[Escrita<'_>]) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into alertas_medicas (id, mascota_id, complemento, version, digest, revision, regla, clave, gravedad, titulo, detalle, vence,
                                      evidencia, hechos, sugiere_bloquear, desde, cambiada_en)
         select a.id, a.mascota_id, a.complemento, a.version, a.digest, a.revision, a.regla, a.clave, a.gravedad, a.titulo, a.detalle,
                a.vence, a.evidencia, a.hechos, a.sugiere_bloquear, $2, $2
           from jsonb_to_recordset($1) as a(id uuid, mascota_id uuid, complemento text, version text, digest text, revision integer,
                regla text, clave text, gravedad text, titulo text, detalle text, vence date, evidencia jsonb, hechos jsonb,
                sugiere_bloquear boolean)",
        filas(all),
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn cambiar(tx: &mut Tx, all: &[Escrita<'_>]) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update alertas_medicas m set version = a.version, digest = a.digest, revision = a.revision, regla = a.regla, gravedad = a.gravedad,
                titulo = a.titulo, detalle = a.detalle, vence = a.vence, evidencia = a.evidencia, hechos = a.hechos,
                sugiere_bloquear = a.sugiere_bloquear, cambiada_en = $2
           from jsonb_to_recordset($1) as a(id uuid, version text, digest text, revision integer, regla text, gravedad text, titulo text,
                detalle text, vence date, evidencia jsonb, hechos jsonb, sugiere_bloquear boolean)
          where m.id = a.id",
        filas(all),
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn cerrar(tx: &mut Tx, all: &[(AlertaId, CierreMotivo)]) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    let ids: Vec<Uuid> = all.iter().map(|(id, _)| id.0).collect();
    let motivos: Vec<&str> = all.iter().map(|(_, motivo)| motivo.clave()).collect();
    sqlx::query!(
        "update alertas_medicas m set cerrada_en = $3, cerrada_motivo = c.motivo
           from unnest($1::uuid[], $2::text[]) as c(id, motivo) where m.id = c.id and m.cerrada_en is null",
        &ids,
        &motivos as &[&str],
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Dismissals that have had their time.
pub async fn dejar_de_callar(tx: &mut Tx, all: &[AlertaId]) -> Result<(), Problem> {
    sqlx::query!("update alertas_medicas set calla = false where id = any ($1) and calla", all as _).execute(&mut **tx).await?;
    Ok(())
}

/// Closes what is open of pets that died or were merged: of these, or of all. Says how many.
pub async fn cerrar_ausentes(tx: &mut Tx, mascotas: Option<&[MascotaId]>) -> Result<u64, Problem> {
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        "update alertas_medicas m set calla = false, cerrada_en = coalesce(m.cerrada_en, $2),
                cerrada_motivo = coalesce(m.cerrada_motivo, case when p.fusionada_con is not null then 'fusionada' else 'fallecida' end)
           from v_pacientes p
          where p.id = m.mascota_id and m.vigente and ($1::uuid[] is null or m.mascota_id = any ($1))
            and (p.fusionada_con is not null or p.fallecida_en is not null)",
        mascotas as _,
        now as _
    );
    Ok(done.execute(&mut **tx).await?.rows_affected())
}

/// Closes some of what was said by rules that are none of these. Says how many it changed.
pub async fn cerrar_retiradas(tx: &mut Tx, conocidas: &HashSet<String>, limit: i64) -> Result<u64, Problem> {
    let (now, conocidas) = (tx.now().to_sqlx(), Vec::from_iter(conocidas.iter().cloned()));
    let done = sqlx::query!(
        "update alertas_medicas m set calla = false, cerrada_en = coalesce(m.cerrada_en, $2),
                cerrada_motivo = coalesce(m.cerrada_motivo, 'regla_retirada')
          where m.id in (select id from alertas_medicas where vigente and complemento <> all ($1) limit $3)",
        &conocidas,
        now as _,
        limit
    );
    Ok(done.execute(&mut **tx).await?.rows_affected())
}
