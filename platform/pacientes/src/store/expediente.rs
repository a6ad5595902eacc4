//! What is asked only for one person's file.
use super::tutores::Reader;
use crate::model::{AccesoADatos, AlertaDelExpediente, HechoDelExpediente, MensajeDelExpediente, RespuestaDelExpediente};
use kernel::{
    Problem, Tx,
    crypto::PersonKey,
    ids::{MascotaId, TutorId},
};
use std::collections::HashMap;
use uuid::Uuid;

/// Who saw or changed any of these records, newest first.
pub async fn accesses(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<AccesoADatos>, Problem> {
    let rows = sqlx::query!(
        r#"select en as "en!", quien as "quien!", accion as "accion!", entidad as "entidad!" from v_accesos
            where entidad in ('tutor', 'mascota') and (entidad_id = any ($1) or ids && $1) order by id desc"#,
        ids
    )
    .fetch_all(&mut **tx)
    .await?;
    let acceso =
        rows.into_iter().map(|row| AccesoADatos { en: row.en.to_jiff(), quien: row.quien, accion: row.accion, entidad: row.entidad });
    Ok(acceso.collect())
}

/// What a pet, which may have several records, was given and has, oldest first.
pub async fn clinical(tx: &mut Tx, registros: &[MascotaId]) -> Result<Vec<HechoDelExpediente>, Problem> {
    let rows = sqlx::query!(
        r#"select tipo as "tipo!", titulo as "titulo!", fecha as "fecha!: jiff_sqlx::Date", hasta as "hasta: jiff_sqlx::Date",
                  proxima as "proxima: jiff_sqlx::Date", texto, detalle as "detalle!"
             from v_clinica where mascota_id = any ($1) order by fecha, registrado_en"#,
        registros as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let hecho = rows.into_iter().map(|row| HechoDelExpediente {
        tipo: row.tipo,
        titulo: row.titulo,
        fecha: row.fecha.to_jiff(),
        hasta: row.hasta.map(|date| date.to_jiff()),
        proxima: row.proxima.map(|date| date.to_jiff()),
        texto: row.texto,
        detalle: row.detalle,
    });
    Ok(hecho.collect())
}

/// What rules said of a pet, which may have several records, oldest first.
pub async fn alerts(tx: &mut Tx, registros: &[MascotaId]) -> Result<Vec<AlertaDelExpediente>, Problem> {
    let rows = sqlx::query!(
        r#"select complemento as "complemento!", regla as "regla!", version as "version!", gravedad as "gravedad!", titulo as "titulo!",
                  detalle as "detalle!", vence as "vence: jiff_sqlx::Date", desde as "desde!", cerrada_en, cerrada_motivo, descarte_motivo
             from v_alertas_de_expediente where mascota_id = any ($1) order by desde, complemento, regla"#,
        registros as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let alerta = rows.into_iter().map(|row| AlertaDelExpediente {
        complemento: row.complemento,
        regla: row.regla,
        version: row.version,
        gravedad: row.gravedad,
        titulo: row.titulo,
        detalle: row.detalle,
        vence: row.vence.map(|date| date.to_jiff()),
        desde: row.desde.to_jiff(),
        cerrada_en: row.cerrada_en.map(|at| at.to_jiff()),
        cerrada_motivo: row.cerrada_motivo,
        descarte_motivo: row.descarte_motivo,
    });
    Ok(alerta.collect())
}

/// What was sent to a person, also under the records that were merged into this one.
pub async fn messages(tx: &mut Tx, tutor: TutorId) -> Result<Vec<MensajeDelExpediente>, Problem> {
    let rows = sqlx::query!(
        r#"select m.creado_en as "creado_en!", m.tipo as "tipo!", m.estado as "estado!", m.canales as "canales!"
             from v_mensajes_de_expediente m join tutores t on t.id = m.tutor_id
            where t.id = $1 or t.fusionado_con = $1 order by m.creado_en"#,
        tutor as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let mensaje = rows.into_iter().map(|row| MensajeDelExpediente {
        en: row.creado_en.to_jiff(),
        tipo: row.tipo,
        estado: row.estado,
        canales: row.canales,
    });
    Ok(mensaje.collect())
}

/// What they wrote back.
pub async fn replies(tx: &mut Tx, tutor: TutorId) -> Result<Vec<RespuestaDelExpediente>, Problem> {
    let rows = sqlx::query!(
        r#"select t.id, r.en as "en!", r.canal, r.texto_cifrado, r.hecho as "hecho!"
             from v_respuestas_de_expediente r join tutores t on t.id = r.tutor_id
            where t.id = $1 or t.fusionado_con = $1 order by r.en"#,
        tutor as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let people: Vec<Uuid> = rows.iter().map(|row| row.id.into()).collect();
    let keys: HashMap<Uuid, PersonKey> = tx.person_keys(&people).await?.into_iter().collect();
    rows.into_iter()
        .map(|row| {
            let texto = Reader(keys.get(&row.id.0)).text("respuesta_mensaje", row.texto_cifrado.as_deref())?;
            Ok(RespuestaDelExpediente { en: row.en.to_jiff(), canal: row.canal, texto, hecho: row.hecho })
        })
        .collect()
}
