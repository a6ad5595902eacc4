//! What the agenda does for a pet's record.
use crate::model::{Estado, EstadoAutoreserva, EstadoEspera, EstadoOferta, Preferencia, Prioridad, Retencion};
use jiff_sqlx::ToSqlx;
use kernel::{
    Change, Event, Problem, Tx,
    ids::{AmbienteId, CitaId, EquipoId, EsperaId, MascotaId, OfertaId, SedeId, ServicioId, UsuarioId},
    ports::{CitaBreve, CitaDeMascota, CitasQueChocan},
};
use serde_json::json;

/// Why what lay ahead of a dead pet is not to be.
pub const FALLECIO: &str = "La mascota falleció";

/// Cancels all that lies ahead of a dead pet, lets go what is held for it and withdraws it from what it waits for, also in sedes
/// that the caller may not see.
pub async fn anular_de_fallecida(tx: &mut Tx, mascota: MascotaId) -> Result<Vec<CitaBreve>, Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select id as "id!: CitaId", sede_id as "sede_id!: SedeId", medico_id as "medico_id!", inicio as "inicio!", fin as "fin!",
                  estado as "estado!: Estado" from citas_anular_de_fallecida($1, $2, $3)"#,
        mascota as _,
        now.to_sqlx() as _,
        FALLECIO
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut anuladas = Vec::with_capacity(filas.len());
    for fila in filas {
        let (id, sede_id, inicio) = (fila.id, fila.sede_id, fila.inicio.to_jiff());
        let despues = json!({ "estado": Estado::Anulada, "anulada_motivo": FALLECIO });
        tx.audit(Change::new("anular", "cita", id).sede(sede_id).antes(json!({ "estado": fila.estado })).despues(despues));
        let aviso = json!({
            "id": id, "sede_id": sede_id, "mascota_id": mascota, "medico_id": fila.medico_id,
            "inicio": inicio, "fin": fila.fin.to_jiff(), "estado": Estado::Anulada
        });
        tx.publish(Event::new("cita.anulada", aviso).sede(sede_id));
        anuladas.push(CitaBreve { id: Some(id), sede_id, inicio });
    }
    soltar_de_fallecida(tx, mascota).await?;
    retirar_de_fallecida(tx, mascota).await?;
    Ok(anuladas)
}

/// Lets its holds go, those of owners' requests too. Nobody writes to the owner of them.
async fn soltar_de_fallecida(tx: &mut Tx, mascota: MascotaId) -> Result<(), Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select id as "id!: CitaId", sede_id as "sede_id!: SedeId", medico_id as "medico_id!: UsuarioId",
                  servicio_id as "servicio_id!: ServicioId", ambiente_id as "ambiente_id: AmbienteId", equipos as "equipos!: Vec<EquipoId>",
                  inicio as "inicio!", fin as "fin!", retenida_hasta as "retenida_hasta!", version as "version!", pedida as "pedida!"
             from retenciones_soltar_de_fallecida($1, $2)"#,
        mascota as _,
        now.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    for fila in filas {
        let (id, sede_id, estado) = (fila.id, fila.sede_id, EstadoAutoreserva::Anulada);
        let retencion = Retencion {
            id,
            sede_id,
            mascota_id: Some(mascota),
            medico_id: fila.medico_id,
            servicio_id: fila.servicio_id,
            ambiente_id: fila.ambiente_id,
            equipos: fila.equipos,
            inicio: fila.inicio.to_jiff(),
            fin: fila.fin.to_jiff(),
            retenida_hasta: fila.retenida_hasta.to_jiff(),
            version: fila.version,
        };
        // One that was over held nothing any more; what was asked with it is answered all the same.
        if retencion.retenida_hasta > now {
            tx.audit(Change::new("soltar", "cita", id).sede(sede_id).antes(&retencion));
            tx.publish(Event::new("cita.soltada", &retencion).sede(sede_id));
        }
        if fila.pedida {
            tx.audit(Change::new("resolver", "autoreserva", id).sede(sede_id).despues(json!({ "estado": estado })));
            tx.publish(Event::new("autoreserva.anulada", json!({ "id": id, "sede_id": sede_id, "estado": estado })).sede(sede_id));
        }
    }
    Ok(())
}

/// It waits no more, and what it was offered is taken back.
async fn retirar_de_fallecida(tx: &mut Tx, mascota: MascotaId) -> Result<(), Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select id as "id!: EsperaId", servicio_id as "servicio_id!: ServicioId", sedes as "sedes!: Vec<SedeId>",
                  medico_id as "medico_id: UsuarioId", desde as "desde!", hasta as "hasta!", dias as "dias!", hora_desde, hora_hasta,
                  prioridad as "prioridad!: Prioridad", nota, estado as "estado!: EstadoEspera", oferta_id as "oferta_id: OfertaId",
                  oferta_sede as "oferta_sede: SedeId" from esperas_retirar_de_fallecida($1, $2, $3)"#,
        mascota as _,
        now.to_sqlx() as _,
        FALLECIO
    )
    .fetch_all(&mut **tx)
    .await?;
    for fila in filas {
        let (id, estado) = (fila.id, EstadoEspera::Retirada);
        let preferencia = Preferencia {
            servicio_id: fila.servicio_id,
            sedes: fila.sedes,
            medico_id: fila.medico_id,
            desde: fila.desde.to_jiff(),
            hasta: fila.hasta.to_jiff(),
            dias: fila.dias,
            hora_desde: fila.hora_desde.map(jiff_sqlx::Time::to_jiff),
            hora_hasta: fila.hora_hasta.map(jiff_sqlx::Time::to_jiff),
            prioridad: fila.prioridad,
            nota: fila.nota,
        };
        let despues = json!({ "estado": estado, "retirada_motivo": FALLECIO });
        tx.audit(Change::new("retirar", "espera", id).antes(json!({ "estado": fila.estado })).despues(despues));
        for sede in &preferencia.sedes {
            let aviso = json!({
                "id": id, "mascota_id": mascota, "estado": estado, "retirada_motivo": FALLECIO, "preferencia": preferencia
            });
            tx.publish(Event::new("espera.retirada", aviso).sede(*sede));
        }
        if let Some((oferta, sede)) = fila.oferta_id.zip(fila.oferta_sede) {
            let aviso = json!({ "id": id, "oferta_id": oferta, "estado": EstadoOferta::Retirada });
            tx.publish(Event::new("espera.vencida", aviso).sede(sede));
        }
    }
    Ok(())
}

/// What two pets have at the same time, in every sede of the chain.
pub async fn que_chocan(tx: &mut Tx, una: MascotaId, otra: MascotaId) -> Result<Vec<CitasQueChocan>, Problem> {
    let filas = sqlx::query!(
        r#"select inicio as "inicio!", fin as "fin!", sede_id as "sede_id!: SedeId", cita_id as "cita_id: CitaId",
                  otra_sede_id as "otra_sede_id!: SedeId", otra_id as "otra_id: CitaId" from citas_que_chocan($1, $2)"#,
        una as _,
        otra as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let pair = filas.into_iter().map(|fila| CitasQueChocan {
        inicio: fila.inicio.to_jiff(),
        fin: fila.fin.to_jiff(),
        sede_id: fila.sede_id,
        cita_id: fila.cita_id,
        otra_sede_id: fila.otra_sede_id,
        otra_id: fila.otra_id,
    });
    Ok(pair.collect())
}

/// Gives all appointments of a merged pet to the one that goes on, also in sedes that the caller may not see.
pub async fn pasar(tx: &mut Tx, de: MascotaId) -> Result<Vec<CitaId>, Problem> {
    Ok(sqlx::query_scalar!(r#"select c as "id!: CitaId" from citas_pasar($1) c order by c"#, de as _).fetch_all(&mut **tx).await?)
}

/// Gives appointments back to a pet that is merged no more, as far as they are still where they went.
pub async fn devolver(tx: &mut Tx, citas: &[CitaId], desde: MascotaId, a: MascotaId) -> Result<(), Problem> {
    sqlx::query!("select citas_devolver($1, $2, $3)", citas as _, desde as _, a as _).fetch_all(&mut **tx).await?;
    Ok(())
}

/// What lies ahead of some pets, in every sede of the chain.
pub async fn por_venir(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<Vec<CitaBreve>, Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select cita_id as "id: CitaId", sede_id as "sede_id!: SedeId", inicio as "inicio!" from citas_por_venir($1, $2)"#,
        mascotas as _,
        now.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(|fila| CitaBreve { id: fila.id, sede_id: fila.sede_id, inicio: fila.inicio.to_jiff() }).collect())
}

/// All of a pet's appointments in few words, newest first.
pub async fn de_mascota(tx: &mut Tx, mascota: MascotaId) -> Result<Vec<CitaDeMascota>, Problem> {
    let all = super::historial(tx, mascota, None, i64::MAX).await?;
    let cita = all.into_iter().map(|cita| CitaDeMascota {
        id: cita.id,
        sede_id: cita.sede_id,
        inicio: cita.inicio,
        servicio: cita.servicio_nombre,
        medico: cita.medico_nombre,
        estado: json!(cita.estado),
        motivo: cita.motivo,
    });
    Ok(cita.collect())
}
