//! What of the agenda and of messages is in one person's file.
use crate::model::{
    AutoreservaDelExpediente, CanalesDelExpediente, EsperaDelExpediente, FaltaDelExpediente, LlegadaDelExpediente, PedidoDelExpediente,
};
use kernel::{
    Problem, Tx,
    ids::{MascotaId, SedeId, TutorId},
};

/// Times that a pet, which may have several records, waited for.
pub async fn waits(tx: &mut Tx, registros: &[MascotaId]) -> Result<Vec<EsperaDelExpediente>, Problem> {
    let rows = sqlx::query!(
        r#"select creada_en as "en!", servicio as "servicio!", desde as "desde!: jiff_sqlx::Date", hasta as "hasta!: jiff_sqlx::Date", estado as "estado!", nota
             from v_esperas_de_expediente where mascota_id = any ($1) order by creada_en"#,
        registros as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let espera = rows.into_iter().map(|row| EsperaDelExpediente {
        en: row.en.to_jiff(),
        servicio: row.servicio,
        desde: row.desde.to_jiff(),
        hasta: row.hasta.to_jiff(),
        estado: row.estado,
        nota: row.nota,
    });
    Ok(espera.collect())
}

/// When it came, with an appointment or without.
pub async fn visits(tx: &mut Tx, registros: &[MascotaId]) -> Result<Vec<LlegadaDelExpediente>, Problem> {
    let rows = sqlx::query!(
        r#"select llegada_en as "en!", sede_id as "sede_id!: SedeId", sin_cita as "sin_cita!", triaje, motivo, fin_en, retirada_en, retirada_motivo
             from v_visitas_de_expediente where mascota_id = any ($1) order by llegada_en"#,
        registros as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let llegada = rows.into_iter().map(|row| LlegadaDelExpediente {
        en: row.en.to_jiff(),
        sede_id: row.sede_id,
        sin_cita: row.sin_cita,
        triaje: row.triaje,
        motivo: row.motivo,
        fin_en: row.fin_en.map(|at| at.to_jiff()),
        retirada_en: row.retirada_en.map(|at| at.to_jiff()),
        retirada_motivo: row.retirada_motivo,
    });
    Ok(llegada.collect())
}

/// What a person booked alone, also under the records that were merged into this one.
pub async fn own_bookings(tx: &mut Tx, tutor: TutorId) -> Result<Vec<AutoreservaDelExpediente>, Problem> {
    let rows = sqlx::query!(
        r#"select a.creada_en as "en!", a.sede_id as "sede_id!: SedeId", a.estado as "estado!", a.motivo, a.condiciones_version as "condiciones_version!", a.resuelta_en
             from v_autoreservas_de_expediente a join tutores t on t.id = a.tutor_id
            where t.id = $1 or t.fusionado_con = $1 order by a.creada_en"#,
        tutor as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let autoreserva = rows.into_iter().map(|row| AutoreservaDelExpediente {
        en: row.en.to_jiff(),
        sede_id: row.sede_id,
        estado: row.estado,
        motivo: row.motivo,
        condiciones_version: row.condiciones_version,
        resuelta_en: row.resuelta_en.map(|at| at.to_jiff()),
    });
    Ok(autoreserva.collect())
}

/// Requests for another time.
pub async fn requests(tx: &mut Tx, tutor: TutorId) -> Result<Vec<PedidoDelExpediente>, Problem> {
    let rows = sqlx::query!(
        r#"select p.creada_en as "en!", p.texto, p.atendida_en
             from v_pedidos_de_expediente p join tutores t on t.id = p.tutor_id
            where t.id = $1 or t.fusionado_con = $1 order by p.creada_en"#,
        tutor as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let pedido = rows.into_iter().map(|row| PedidoDelExpediente {
        en: row.en.to_jiff(),
        texto: row.texto,
        atendido_en: row.atendida_en.map(|at| at.to_jiff()),
    });
    Ok(pedido.collect())
}

/// Appointments that were lost.
pub async fn no_shows(tx: &mut Tx, tutor: TutorId) -> Result<Vec<FaltaDelExpediente>, Problem> {
    let rows = sqlx::query!(
        r#"select f.en as "en!", f.tipo as "tipo!" from v_faltas_de_expediente f join tutores t on t.id = f.tutor_id
            where t.id = $1 or t.fusionado_con = $1 order by f.en"#,
        tutor as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| FaltaDelExpediente { en: row.en.to_jiff(), tipo: row.tipo }).collect())
}

/// By which ways they want to be written to; `None` if they never said.
pub async fn channels(tx: &mut Tx, tutor: TutorId) -> Result<Option<CanalesDelExpediente>, Problem> {
    let row = sqlx::query!(
        r#"select canales as "canales!", segun_cadena as "segun_cadena!", actualizado_en as "actualizado_en!"
             from v_canales_de_expediente where tutor_id = $1"#,
        tutor as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| CanalesDelExpediente { canales: row.canales, segun_cadena: row.segun_cadena, desde: row.actualizado_en.to_jiff() }))
}
