//! Merging two records into one, and bringing both back.
use crate::{
    model::{self, FichaTutor, Fusion, FusionTipo, MascotaPorFusionar, Movido, Par, TutorPorFusionar, check_merge},
    store::{
        self, fusiones,
        historial::{Hecho, note},
        palabras, seguido,
    },
};
use jiff::SignedDuration;
use kernel::{
    Change, Event, Problem, Tx,
    ids::{MascotaId, TutorId},
    ports::AgendaDeMascotas,
};
use serde_json::json;
use uuid::Uuid;

/// Everything of `cede` becomes that of `queda`, in the caller's transaction.
pub async fn mascotas(tx: &mut Tx, agenda: &dyn AgendaDeMascotas, par: &Par<MascotaPorFusionar>) -> Result<Movido, Problem> {
    let (a, de) = (par.queda.id, par.cede.id);
    check_merge(par.impedimentos(), agenda.que_chocan(tx, de, a).await?)?;
    let hoy = model::hoy(tx.now());
    let punteros = fusiones::point_pet(tx, de, a).await?;
    let seguido = seguido::followed(tx, de.into(), &punteros).await?;
    let citas = agenda.pasar(tx, de).await?;
    let (pesos, hechos) = fusiones::move_record(tx, de, a).await?;
    let identificadores = fusiones::move_identifiers(tx, de, a).await?;
    let ended = fusiones::end_pet_links(tx, de, a, hoy).await?;
    let terminados: Vec<Uuid> = ended.iter().map(|link| link.id).collect();
    let vinculos = fusiones::move_pet_links(tx, de, a, &terminados).await?;
    let foto = par.cede.foto.clone().filter(|_| par.queda.foto.is_none());
    if let Some(foto) = &foto {
        fusiones::set_photos(tx, (a, Some(foto)), (de, None)).await?;
    }
    // And whoever may have got a first one or lost the last.
    palabras::reindexar_con_tutores(tx, &[a, de]).await?;
    Ok(Movido { citas, pesos, hechos, identificadores, vinculos, terminados, foto, punteros, seguido, ..Movido::default() })
}

/// The same for two owners. What `queda` lacks of document and contacts it gets from `cede`.
pub async fn tutores(tx: &mut Tx, par: &Par<TutorPorFusionar>) -> Result<Movido, Problem> {
    let (a, de) = (par.queda.id, par.cede.id);
    check_merge(par.impedimentos(), Vec::new())?;
    let hoy = model::hoy(tx.now());
    let punteros = fusiones::point_owner(tx, de, a).await?;
    let seguido = seguido::followed(tx, de.into(), &punteros).await?;
    let ended = fusiones::end_owner_links(tx, de, a, hoy).await?;
    let terminados: Vec<Uuid> = ended.iter().map(|link| link.id).collect();
    let ascendidos = fusiones::promote(tx, a, &terminados).await?;
    let vinculos = fusiones::move_owner_links(tx, de, a, &terminados).await?;
    let datos = fill(tx, de, a).await?;
    let pets = palabras::pets_of(tx, a).await?;
    palabras::reindexar(tx, &pets).await?;
    palabras::reindexar_tutores(tx, &[a, de]).await?;
    Ok(Movido { vinculos, terminados, ascendidos, datos, punteros, seguido, ..Movido::default() })
}

async fn ficha(tx: &mut Tx, id: TutorId) -> Result<FichaTutor, Problem> {
    Ok(FichaTutor::from(store::tutores::find(tx, id).await?.ok_or_else(Problem::not_found)?))
}

async fn fill(tx: &mut Tx, de: TutorId, a: TutorId) -> Result<Vec<String>, Problem> {
    let (own, other) = (ficha(tx, a).await?, ficha(tx, de).await?);
    let (filled, names) = own.filled_from(&other);
    // Whoever was forgotten has no key, and nothing to fill or to give.
    if let Some(key) = tx.person_key(a).await?
        && !names.is_empty()
    {
        if own.documento != filled.documento {
            fusiones::index_document(tx, de, None).await?;
        }
        store::tutores::update(tx, a, &key, &filled).await?;
        return Ok(names);
    }
    Ok(Vec::new())
}

async fn empty(tx: &mut Tx, de: TutorId, a: TutorId, names: &[String]) -> Result<(), Problem> {
    let (own, other) = (ficha(tx, a).await?, ficha(tx, de).await?);
    if let Some(key) = tx.person_key(a).await?
        && !names.is_empty()
    {
        store::tutores::update(tx, a, &key, &own.emptied_of(&other, names)).await?;
    }
    if let Some(documento) = other.documento.filter(|_| names.iter().any(|name| name == "documento")) {
        let index = store::tutores::document_index(&tx.indexer(), &documento);
        fusiones::index_document(tx, de, Some(index)).await?;
    }
    Ok(())
}

/// Writes down what was merged, so that it can be undone.
pub async fn record(tx: &mut Tx, tipo: FusionTipo, de: Uuid, a: Uuid, movido: &Movido) -> Result<Fusion, Problem> {
    let days = fusiones::days(tx).await?;
    let hasta = tx.now() + SignedDuration::from_hours(24 * i64::from(days));
    let id = fusiones::insert(tx, tipo, de, a, movido, hasta).await?;
    let (entidad, tema) = match tipo {
        FusionTipo::Mascota => ("mascota", "mascota.fusionada"),
        FusionTipo::Tutor => ("tutor", "tutor.fusionado"),
    };
    tx.audit(Change::new("fusionar", entidad, a).despues(json!({ "fusion_id": id, "de": de, "movido": movido })));
    tx.audit(Change::new("fusionar", entidad, de).despues(json!({ "fusion_id": id, "a": a })));
    tx.publish(Event::new(tema, json!({ "fusion_id": id, "de": de, "a": a })));
    if tipo == FusionTipo::Mascota {
        note(tx, MascotaId(a), &Hecho::Fusion { de: MascotaId(de) }).await?;
    }
    fusiones::find(tx, id).await?.ok_or_else(Problem::not_found)
}

/// Brings both records back: what moved goes home, what came since stays where it is.
pub async fn deshacer(tx: &mut Tx, agenda: &dyn AgendaDeMascotas, fusion: &Fusion) -> Result<(), Problem> {
    match fusion.tipo {
        FusionTipo::Mascota => undo_pets(tx, agenda, fusion).await?,
        FusionTipo::Tutor => undo_owners(tx, fusion).await?,
    }
    fusiones::mark_undone(tx, fusion.id).await?;
    let (entidad, tema) = match fusion.tipo {
        FusionTipo::Mascota => ("mascota", "mascota.fusion_deshecha"),
        FusionTipo::Tutor => ("tutor", "tutor.fusion_deshecha"),
    };
    for id in [fusion.a, fusion.de] {
        tx.audit(Change::new("deshacer_fusion", entidad, id).antes(json!({ "fusion_id": fusion.id, "de": fusion.de, "a": fusion.a })));
    }
    tx.publish(Event::new(tema, json!({ "fusion_id": fusion.id, "de": fusion.de, "a": fusion.a })));
    Ok(())
}

async fn undo_pets(tx: &mut Tx, agenda: &dyn AgendaDeMascotas, fusion: &Fusion) -> Result<(), Problem> {
    let (de, a, movido) = (MascotaId(fusion.de), MascotaId(fusion.a), &fusion.movido);
    let par = Par::find(fusiones::lock_pets(tx, [de, a]).await?, a, de, |pet| pet.id)?;
    fusion.check_undo(tx.now(), par.queda.fusionada_con.is_some())?;
    fusiones::unpoint_pet(tx, de, a, &movido.punteros).await?;
    agenda.devolver(tx, &movido.citas, a, de).await?;
    fusiones::give_record_back(tx, movido, de).await?;
    fusiones::give_identifiers_back(tx, &movido.identificadores, de, a).await?;
    fusiones::give_links_back(tx, movido, Some(de), None).await?;
    if movido.foto.is_some() && par.queda.foto == movido.foto {
        fusiones::set_photos(tx, (de, movido.foto.as_deref()), (a, None)).await?;
    }
    note(tx, a, &Hecho::FusionDeshecha { de }).await?;
    palabras::reindexar_con_tutores(tx, &[a, de]).await
}

async fn undo_owners(tx: &mut Tx, fusion: &Fusion) -> Result<(), Problem> {
    let (de, a, movido) = (TutorId(fusion.de), TutorId(fusion.a), &fusion.movido);
    let par = Par::find(fusiones::lock_owners(tx, [de, a]).await?, a, de, |owner| owner.id)?;
    fusion.check_undo(tx.now(), par.queda.fusionado_con.is_some())?;
    fusiones::unpoint_owner(tx, de, a, &movido.punteros).await?;
    fusiones::give_links_back(tx, movido, None, Some(de)).await?;
    empty(tx, de, a, &movido.datos).await?;
    let mut pets = palabras::pets_of(tx, a).await?;
    pets.extend(palabras::pets_of(tx, de).await?);
    pets.sort_unstable();
    pets.dedup();
    palabras::reindexar(tx, &pets).await?;
    palabras::reindexar_tutores(tx, &[a, de]).await
}
