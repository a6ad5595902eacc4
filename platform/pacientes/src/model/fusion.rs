//! Two records that turn out to be one: what stands against it, what moves, and what it takes to bring it back.
use super::{FichaTutor, IdentificadorTipo, Relacion, problemas};
use jiff::{Timestamp, civil::Date};
use kernel::{
    Problem,
    ids::{CitaId, EspecieId, MascotaId, TutorId},
    ports::CitasQueChocan,
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Qué clase de registros se fusionan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum FusionTipo {
    Tutor,
    Mascota,
}

/// Fusiona otro registro con este.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaFusion {
    /// El registro que deja de usarse.
    pub con: Uuid,
}

/// Un registro que se fusionó con otro: lo que era solo suyo sigue aquí.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Fusionado {
    pub id: Uuid,
    pub nombre: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notas: Option<String>,
    /// La fusión que lo trajo: se deshace con `DELETE /fusiones/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fusion_id: Option<Uuid>,
    /// Hasta cuándo se puede deshacer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deshacer_hasta: Option<Timestamp>,
}

/// Cuánto pasa al registro que queda.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mudanza {
    /// De todas las sedes.
    pub citas: usize,
    pub pesos: usize,
    /// Hechos de la ficha.
    pub hechos: usize,
    pub identificadores: usize,
    /// Vínculos entre tutores y mascotas, también los pasados.
    pub vinculos: usize,
    pub foto: bool,
    /// Los datos que al registro que queda le faltaban y recibe, como `telefono`.
    pub datos: Vec<String>,
    /// Lo que se ve desde entonces en el registro que queda sin haberse mudado. De todas las sedes.
    pub sigue: Seguido,
}

/// Cuántas líneas de cada clase siguen a un registro que se fusiona.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Seguido {
    pub vacunas: usize,
    pub desparasitaciones: usize,
    pub problemas: usize,
    pub alergias: usize,
    pub tratamientos: usize,
    /// Visitas y vacunas de otro sistema.
    pub antecedentes: usize,
    pub alertas: usize,
    pub esperas: usize,
    /// Llegadas a una sede.
    pub visitas: usize,
    /// Aperturas de emergencia.
    pub aperturas: usize,
    pub consentimientos: usize,
    pub faltas: usize,
    pub autoreservas: usize,
    /// Pedidos de otra hora.
    pub pedidos: usize,
    pub mensajes: usize,
    pub respuestas: usize,
    pub recordatorios: usize,
}

/// Lo que pasaría al fusionar dos registros.
#[derive(Debug, Serialize, ToSchema)]
pub struct FusionPrevista {
    pub tipo: FusionTipo,
    pub queda: Fusionado,
    pub deja_de_usarse: Fusionado,
    pub mueve: Mudanza,
    /// Por qué no se puede, si no se puede.
    pub impedimentos: Vec<String>,
    /// Citas que se cruzarían si las dos mascotas fueran una.
    pub citas_que_chocan: Vec<CitasQueChocan>,
}

/// Una fusión hecha.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fusion {
    pub id: Uuid,
    pub tipo: FusionTipo,
    /// El registro que dejó de usarse.
    pub de: Uuid,
    /// El que queda.
    pub a: Uuid,
    pub mueve: Mudanza,
    pub hecha_en: Timestamp,
    /// Hasta cuándo se puede deshacer.
    pub deshacer_hasta: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deshecha_en: Option<Timestamp>,
    #[serde(skip)]
    pub movido: Movido,
}

impl HasVersion for Fusion {
    /// Made once, undone at most once.
    fn version(&self) -> i32 {
        1 + i32::from(self.deshecha_en.is_some())
    }
}

/// A link as it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VinculoMovido {
    pub id: Uuid,
    pub relacion: Relacion,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentificadorMovido {
    pub tipo: IdentificadorTipo,
    pub valor: String,
    pub normal: String,
    /// The other pet did not have it.
    pub nuevo: bool,
}

/// What moved, by id, kept to bring it back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Movido {
    pub citas: Vec<CitaId>,
    pub pesos: Vec<Uuid>,
    pub hechos: Vec<Uuid>,
    pub identificadores: Vec<IdentificadorMovido>,
    pub vinculos: Vec<VinculoMovido>,
    /// Links that ended, because the record that goes on had one of its own.
    pub terminados: Vec<Uuid>,
    /// Links of the record that goes on that became the owner's, as they were.
    pub ascendidos: Vec<VinculoMovido>,
    pub foto: Option<String>,
    pub datos: Vec<String>,
    /// Records that had been merged into the one that gave way.
    pub punteros: Vec<Uuid>,
    /// What goes on under the other record where it is: nothing has to bring it back.
    pub seguido: Seguido,
}

impl Movido {
    pub fn mudanza(&self) -> Mudanza {
        Mudanza {
            citas: self.citas.len(),
            pesos: self.pesos.len(),
            hechos: self.hechos.len(),
            identificadores: self.identificadores.iter().filter(|one| one.nuevo).count(),
            vinculos: self.vinculos.len() + self.terminados.len(),
            foto: self.foto.is_some(),
            datos: self.datos.clone(),
            sigue: self.seguido.clone(),
        }
    }
}

/// A pet about to be merged, locked.
#[derive(Debug, Clone)]
pub struct MascotaPorFusionar {
    pub id: MascotaId,
    pub nombre: String,
    pub especie_id: EspecieId,
    pub fallecida_en: Option<Date>,
    pub foto: Option<String>,
    pub notas: Option<String>,
    pub fusionada_con: Option<MascotaId>,
}

/// An owner about to be merged, locked.
#[derive(Debug, Clone)]
pub struct TutorPorFusionar {
    pub id: TutorId,
    pub nombre: String,
    pub notas: Option<String>,
    pub fusionado_con: Option<TutorId>,
}

/// Two records of one kind: the one that goes on and the one that gives way.
#[derive(Debug)]
pub struct Par<T> {
    pub queda: T,
    pub cede: T,
}

impl<T> Par<T> {
    /// From what was found, in any order.
    pub fn find<I: PartialEq + Copy>(found: Vec<T>, queda: I, cede: I, id: impl Fn(&T) -> I) -> Result<Self, Problem> {
        let (mut one, mut other) = (None, None);
        for record in found {
            if id(&record) == queda { one = Some(record) } else { other = Some(record) }
        }
        let same = queda == cede;
        let queda = one.ok_or_else(Problem::not_found)?;
        if same {
            return Err(Problem::field("/con", "es el mismo registro"));
        }
        let cede = other.ok_or_else(|| Problem::field("/con", "no es un registro de esta cadena"))?;
        Ok(Self { queda, cede })
    }
}

impl Par<MascotaPorFusionar> {
    pub fn impedimentos(&self) -> Vec<String> {
        let mut all = Vec::new();
        let mut unless = |holds: bool, text: &str| {
            if !holds {
                all.push(text.to_owned())
            }
        };
        unless(self.queda.fusionada_con.is_none() && self.cede.fusionada_con.is_none(), "Una de las dos ya se fusionó con otra.");
        unless(self.queda.especie_id == self.cede.especie_id, "Son de especies distintas.");
        unless(self.queda.fallecida_en.is_some() == self.cede.fallecida_en.is_some(), "Una falleció y la otra no.");
        all
    }
}

impl Par<TutorPorFusionar> {
    pub fn impedimentos(&self) -> Vec<String> {
        let fusionado = self.queda.fusionado_con.is_some() || self.cede.fusionado_con.is_some();
        fusionado.then(|| "Uno de los dos ya se fusionó con otro.".to_owned()).into_iter().collect()
    }
}

impl From<MascotaPorFusionar> for Fusionado {
    fn from(mascota: MascotaPorFusionar) -> Self {
        Self { id: mascota.id.into(), nombre: mascota.nombre, notas: mascota.notas, fusion_id: None, deshacer_hasta: None }
    }
}
impl From<TutorPorFusionar> for Fusionado {
    fn from(tutor: TutorPorFusionar) -> Self {
        Self { id: tutor.id.into(), nombre: tutor.nombre, notas: tutor.notas, fusion_id: None, deshacer_hasta: None }
    }
}

/// The 409 with all reasons against a merge.
pub fn check_merge(impedimentos: Vec<String>, chocan: Vec<CitasQueChocan>) -> Result<(), Problem> {
    if impedimentos.is_empty() && chocan.is_empty() {
        return Ok(());
    }
    let crossing = (!chocan.is_empty()).then(|| "Tienen citas a la misma hora: anule o mueva una de cada par.".to_owned());
    let lines: Vec<String> = impedimentos.into_iter().chain(crossing).collect();
    Err(Problem::new(problemas::FUSION_IMPOSIBLE).detail(lines.join(" ")).with("citas_que_chocan", chocan))
}

/// 409 for what would change a record that was merged: it goes on in another one.
pub fn unmerged(con: Option<impl Into<Uuid>>) -> Result<(), Problem> {
    match con {
        None => Ok(()),
        Some(con) => Err(Problem::new(problemas::REGISTRO_FUSIONADO).with("fusionado_con", con.into())),
    }
}

impl Fusion {
    /// Whether it can be taken back now; `a_fusionado`: the record that went on was merged itself since.
    pub fn check_undo(&self, now: Timestamp, a_fusionado: bool) -> Result<(), Problem> {
        let no = |detail: &'static str| Err(Problem::new(problemas::FUSION_DEFINITIVA).detail(detail));
        if self.deshecha_en.is_some() {
            return no("Ya se deshizo.");
        }
        if now > self.deshacer_hasta {
            return no("Ya pasó el plazo para deshacerla.");
        }
        if a_fusionado { no("El registro que quedó se fusionó después con otro: deshaga primero esa fusión.") } else { Ok(()) }
    }
}

impl FichaTutor {
    /// This one with what it lacks from the other, and the names of those fields.
    pub fn filled_from(&self, other: &Self) -> (Self, Vec<String>) {
        fn fill<T: Clone>(own: &mut Option<T>, other: &Option<T>, name: &str, names: &mut Vec<String>) {
            if own.is_none() && other.is_some() {
                own.clone_from(other);
                names.push(name.to_owned());
            }
        }
        let (mut filled, mut names) = (self.clone(), Vec::new());
        fill(&mut filled.documento, &other.documento, "documento", &mut names);
        fill(&mut filled.telefono, &other.telefono, "telefono", &mut names);
        fill(&mut filled.correo, &other.correo, "correo", &mut names);
        fill(&mut filled.direccion, &other.direccion, "direccion", &mut names);
        fill(&mut filled.ubigeo, &other.ubigeo, "ubigeo", &mut names);
        (filled, names)
    }

    /// Without those fields that still are the other's.
    pub fn emptied_of(&self, other: &Self, names: &[String]) -> Self {
        let mut emptied = self.clone();
        for name in names {
            match name.as_str() {
                "documento" if emptied.documento == other.documento => emptied.documento = None,
                "telefono" if emptied.telefono == other.telefono => emptied.telefono = None,
                "correo" if emptied.correo == other.correo => emptied.correo = None,
                "direccion" if emptied.direccion == other.direccion => emptied.direccion = None,
                "ubigeo" if emptied.ubigeo == other.ubigeo => emptied.ubigeo = None,
                _ => {}
            }
        }
        emptied
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn ficha(telefono: Option<&str>, correo: Option<&str>) -> FichaTutor {
        FichaTutor {
            nombres: "Ana".into(),
            apellidos: "Poma".into(),
            documento: None,
            telefono: telefono.map(Into::into),
            correo: correo.map(Into::into),
            direccion: None,
            ubigeo: None,
            notas: None,
        }
    }

    #[test]
    fn what_was_filled_is_emptied_again_unless_it_changed_since() {
        let (una, otra) = (ficha(Some("+511"), None), ficha(Some("+512"), Some("a@b.pe")));
        let (filled, names) = una.filled_from(&otra);
        assert_eq!(
            (filled.telefono.as_deref(), filled.correo.as_deref(), names.as_slice()),
            (Some("+511"), Some("a@b.pe"), ["correo".to_owned()].as_slice())
        );
        assert_eq!(filled.emptied_of(&otra, &names), una);
        let changed = FichaTutor { correo: Some("c@d.pe".into()), ..filled };
        assert_eq!(changed.emptied_of(&otra, &names).correo.as_deref(), Some("c@d.pe"));
    }

    #[rstest]
    #[case(true, None, None, 0)]
    #[case(false, None, None, 1)]
    #[case(true, Some("2026-03-01"), None, 1)]
    #[case(true, Some("2026-03-01"), Some("2026-02-01"), 0)]
    #[case(false, None, Some("2026-02-01"), 2)]
    fn pets_of_two_species_or_of_two_fates_are_not_one(
        #[case] same: bool,
        #[case] una: Option<&str>,
        #[case] otra: Option<&str>,
        #[case] reasons: usize,
    ) {
        let especie = EspecieId::new();
        let mascota = |especie_id, fallecida: Option<&str>| MascotaPorFusionar {
            id: MascotaId::new(),
            nombre: "Luna".into(),
            especie_id,
            fallecida_en: fallecida.and_then(|text| text.parse().ok()),
            foto: None,
            notas: None,
            fusionada_con: None,
        };
        let par = Par { queda: mascota(especie, una), cede: mascota(if same { especie } else { EspecieId::new() }, otra) };
        assert_eq!(par.impedimentos().len(), reasons);
    }
}
