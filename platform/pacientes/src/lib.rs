//! Pacientes: who the pets of a chain are, and who answers for them.
//!
//! A pet has one owner at a time and keeps the past ones. What is personal about an owner is encrypted with
//! that person's own key and found by blind index; names are found by word, also misspelt, in chains of
//! 200,000 pets. The index follows every change of a name or an owner in the same transaction.
mod aplicar;
mod auditar;
mod buscar;
mod contacto;
mod duplicados;
mod fusionar;
mod importar;
mod listar;
mod model;
mod portable;
mod propio;
mod routes;
mod store;
mod traer;
mod ubigeo;

pub use aplicar::{EspecieConRazas, EspecieSeccion, EspeciesArchivo, aplicar, especies};
pub use auditar::auditar;
pub use buscar::buscar;
pub use contacto::{Consentido, Contacto, consentido, contacto, contacto_de_mascota, contactos_de_mascotas, de_telefono};
pub use importar::{MascotaImportada, PacienteImportado, consentir_importados, cuantos, importar};
pub use model::{
    Buscado, Canal, DatosTutor, Documento, Encontrado, Expediente, FichaTutor, Finalidad, Identificador, IdentificadorTipo, Mascota,
    MascotaHallada, MascotaNueva, Medio, NuevoConsentimiento, Por, Relacion, Retenida, Sexo, Tutor, TutorBreve, names as nombra, problemas,
};
pub use portable::PORTABLE;
pub use propio::{Propia, consentir, de_correo, mascotas_de, registrar_propio};
pub use routes::{collect as expediente, missing as mascota_ausente, olvidar, router};
pub use store::{
    ajustes::cada_sede_los_suyos,
    conservacion::{aperturas_revisadas, borrar_aperturas, tutores_inactivos},
    historial::{EntradaPaciente, Hecho, Parte, historial},
    importar::Pesada,
    mascotas::{exists as existe_mascota, hold as retener},
    palabras::{owners_of as tutores_de, reindexar, reindexar_tutores},
    traer::{MascotaConocida, TutorConocido, con_las_fusionadas},
    tutores::exists as existe_tutor,
};
pub use traer::{
    EspecieConocida, Indices, MascotaRevisada, completar_tutor, especies_conocidas, indices, indices_de, le_falta, mascotas_con_microchip,
    mascotas_conocidas, mascotas_vigentes, mismo_nombre, pesar, revisar_mascota, revisar_peso, revisar_tutor, traer_mascotas,
    traer_tutores, tutores_conocidos, vaciar_tutor,
};
