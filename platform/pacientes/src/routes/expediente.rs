//! One person's file, whole: the right to know and to take along (Ley 29733).
use super::registro::{owner, pet};
use crate::{
    model::{Consentimientos, Expediente, MascotaDeTutor, MascotaDelExpediente, hoy},
    store::{self, consentimientos, expediente, expediente_agenda},
};
use axum::Extension;
use kernel::{Change, Ctx, Json, Path, Problem, Tx, ids::TutorId, permission::ExportarPersonas, ports::AgendaDeMascotas};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

/// More pets, weights or appointments than any person has.
const TODO: i64 = 100_000;

/// Entrega todo lo que la cadena tiene de un tutor: identidad, mascotas presentes y pasadas con sus pesos, su historia clínica, sus alertas médicas, sus citas, esperas y visitas,
/// consentimientos, cómo cumplió sus citas y a cuáles faltó, qué reservó por su cuenta y qué otra hora pidió, por dónde prefiere que le
/// escriban, qué se le envió y qué respondió, y quién vio o cambió sus datos.
#[utoipa::path(
    get, path = "/tutores/{id}/expediente", tag = "pacientes", extensions(("x-permiso" = json!("persona.exportar"))),
    params(("id" = TutorId, Path)), responses((status = 200, body = Expediente), (status = "4XX", body = Problem))
)]
pub async fn exportar(
    ctx: Ctx<ExportarPersonas>,
    Path(id): Path<TutorId>,
    Extension(agenda): Extension<Arc<dyn AgendaDeMascotas>>,
) -> Result<Json<Expediente>, Problem> {
    let mut tx = ctx.begin().await?;
    let expediente = collect(&mut tx, id, &*agenda).await?;
    ctx.read_audit("tutor", [id.into()]);
    ctx.read_audit("mascota", expediente.mascotas.iter().map(|one| one.mascota.id.into()));
    tx.audit(
        Change::new("exportar", "tutor", id).despues(json!({ "mascotas": expediente.mascotas.len(), "accesos": expediente.accesos.len() })),
    );
    tx.commit().await?;
    Ok(Json(expediente))
}

/// All that the chain holds about one person.
pub async fn collect(tx: &mut Tx, id: TutorId, agenda: &dyn AgendaDeMascotas) -> Result<Expediente, Problem> {
    let tutor = owner(tx, id).await?;
    let mut mascotas = Vec::new();
    for (_, link) in store::vinculos::of_owner(tx, id, true, None, TODO).await? {
        mascotas.push(of_link(tx, id, link, agenda).await?);
    }
    let fusionados = tutor.fusionados.iter().map(|one| one.id);
    let present = mascotas.iter().filter(|one| one.hasta.is_none()).map(|one| one.mascota.id.into());
    let ids: Vec<Uuid> = [id.into()].into_iter().chain(fusionados).chain(present).collect();
    let accesos = expediente::accesses(tx, &ids).await?;
    let consentimientos = Consentimientos::from_ledger(consentimientos::of(tx, id).await?);
    let conducta = agenda.conducta(tx, id).await?;
    let (mensajes, respuestas) = (expediente::messages(tx, id).await?, expediente::replies(tx, id).await?);
    Ok(Expediente {
        generado_en: tx.now(),
        tutor,
        mascotas,
        consentimientos,
        conducta,
        faltas: expediente_agenda::no_shows(tx, id).await?,
        autoreservas: expediente_agenda::own_bookings(tx, id).await?,
        pedidos: expediente_agenda::requests(tx, id).await?,
        canales: expediente_agenda::channels(tx, id).await?,
        mensajes,
        respuestas,
        accesos,
    })
}

/// What came after a pet was passed on, and who else answers for it, is not this person's.
async fn of_link(tx: &mut Tx, id: TutorId, link: MascotaDeTutor, agenda: &dyn AgendaDeMascotas) -> Result<MascotaDelExpediente, Problem> {
    let mut mascota = pet(tx, link.id).await?;
    mascota.tutores.retain(|vinculo| vinculo.tutor.id == id);
    let mut pesos = store::pesos::list(tx, link.id, None, TODO).await?;
    let mut citas = agenda.de_mascota(tx, link.id).await?;
    let registros = store::traer::con_las_fusionadas(tx, link.id).await?;
    let mut historia = expediente::clinical(tx, &registros).await?;
    let mut alertas = expediente::alerts(tx, &registros).await?;
    let mut esperas = expediente_agenda::waits(tx, &registros).await?;
    let mut visitas = expediente_agenda::visits(tx, &registros).await?;
    if let Some(hasta) = link.hasta {
        alertas.retain(|alerta| hoy(alerta.desde) <= hasta);
        pesos.retain(|peso| hoy(peso.pesado_en) <= hasta);
        citas.retain(|cita| hoy(cita.inicio) <= hasta);
        esperas.retain(|espera| hoy(espera.en) <= hasta);
        visitas.retain(|visita| hoy(visita.en) <= hasta);
        historia.retain(|hecho| hecho.fecha <= hasta);
        mascota.ultimo_peso = None;
    }
    let MascotaDeTutor { relacion, desde, hasta, .. } = link;
    Ok(MascotaDelExpediente { relacion, desde, hasta, mascota, pesos, historia, alertas, citas, esperas, visitas })
}
