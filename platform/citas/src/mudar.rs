//! An owner moves a booking of their own to another free time, by the rules of booking: the same notice, the same days ahead,
//! the same service and vets. Where the sede approves each request, another time is another request.
use crate::{
    autoreservar::{Busca, huecos, taken, unexplained},
    cambiar, faltar, gestionar,
    model::{Autoreserva, Cita, Hueco, problemas},
    store::{self, ReservaContada},
};
use jiff::Timestamp;
use kernel::{Problem, Tx, ids::CitaId};

/// Who moves an appointment on and on keeps others from it.
const MUDANZAS: i16 = 3;
/// How far one looks ahead at once.
const DIAS: i64 = 60;

/// A booking that its owner may move.
pub struct Mudable {
    pub ofrece: Autoreserva,
    pub cita: Cita,
    pub reserva: ReservaContada,
}

/// The booking, or why its owner cannot move it here.
pub async fn mudable(tx: &mut Tx, id: CitaId) -> Result<Result<Mudable, &'static str>, Problem> {
    const LLAME: &str = "Para cambiar la hora, llame a la sede.";
    let (reserva, cita) = (store::reserva_contada(tx, id).await?, store::find(tx, id).await?);
    let Some(reserva) = reserva.filter(|reserva| reserva.abierta(tx.now())) else {
        return Ok(Err("Esa reserva ya no se puede cambiar."));
    };
    // A request that waits is a hold and no appointment yet.
    let Some(cita) = cita.filter(|_| reserva.retenida_hasta.is_none()) else {
        return Ok(Err("La sede todavía no aprobó su solicitud. Para otra hora, anúlela y pida otra."));
    };
    let ofrece = store::autoreserva(tx, cita.sede_id).await?.map(|there| there.autoreserva);
    let Some(ofrece) = ofrece.filter(|ofrece| ofrece.activa && !ofrece.aprobar && ofrece.servicios.contains(&cita.servicio_id)) else {
        return Ok(Err(LLAME));
    };
    if cita.inicio < ofrece.ventana(tx.now()).0 {
        return Ok(Err("Falta muy poco para su cita. Para cambiar la hora, llame a la sede."));
    }
    if reserva.mudanzas >= MUDANZAS {
        return Ok(Err("Ya la cambió tres veces. Para otra hora, llame a la sede."));
    }
    if faltar::conducta(tx, reserva.tutor_id).await?.exige_pago_previo {
        return Ok(Err(LLAME));
    }
    Ok(Ok(Mudable { ofrece, cita, reserva }))
}

impl Mudable {
    async fn libres(&self, tx: &mut Tx, desde: Timestamp, dias: i64, limite: usize) -> Result<Vec<Hueco>, Problem> {
        let Self { ofrece, cita, .. } = self;
        // Whoever chose a vet keeps them.
        let medico = Some(cita.medico_id).filter(|medico| ofrece.elige_medico && ofrece.admite_medico(*medico));
        let busca = Busca { sede: cita.sede_id, servicio: cita.servicio_id, medico, desde, dias, limite };
        huecos(tx, ofrece, &busca, "?").await
    }

    /// The next times that it can be moved to.
    pub async fn horas(&self, tx: &mut Tx, desde: Timestamp, limite: usize) -> Result<Vec<Timestamp>, Problem> {
        let mut horas: Vec<Timestamp> = self.libres(tx, desde, DIAS, limite).await?.into_iter().map(|hueco| hueco.inicio).collect();
        horas.dedup();
        horas.retain(|hora| *hora != self.cita.inicio);
        horas.truncate(limite);
        Ok(horas)
    }
}

/// Moves it, to the same vet if they are free then.
pub async fn mudar(tx: &mut Tx, mudable: &Mudable, inicio: Timestamp) -> Result<(), Problem> {
    let mut free = mudable.libres(tx, inicio, 1, 1).await?;
    free.retain(|hueco| hueco.inicio == inicio);
    free.sort_by_key(|hueco| hueco.medico_id != mudable.cita.medico_id);
    for hueco in free {
        match cambiar::mover_del_tutor(tx, &mudable.cita, inicio, hueco.medico_id).await.map_err(unexplained) {
            Err(problem) if problem.status() == problemas::HORA_NO_DISPONIBLE.status => {}
            Err(problem) => return Err(problem),
            Ok(cita) => {
                store::contar_mudanza(tx, cita.id).await?;
                return gestionar::escribir_mudanza(tx, cita.id).await;
            }
        }
    }
    Err(taken())
}
