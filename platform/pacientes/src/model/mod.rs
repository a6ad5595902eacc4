//! Types and rules of owners and pets; pure.
mod busqueda;
mod mascota;
pub mod palabras;
mod tutor;
mod vinculo;

pub use busqueda::{Buscado, Encontrado, MascotaHallada, Por, rank};
pub(crate) use mascota::grams;
pub use mascota::{
    DatosMascota, Especie, EspecieBreve, FOTO_MAX, FichaMascota, Identificado, Identificador, IdentificadorTipo, Mascota, MascotaDeTutor,
    MascotaNueva, NuevaEspecie, NuevaRaza, NuevoPeso, Peso, Raza, RazaBreve, Referencias, Registrable, Registro, Sexo, SolicitudRegistro,
    check_identifiers, foto_tipo, hoy,
};
pub use tutor::{DatosTutor, Documento, FichaTutor, Tutor, TutorBreve, masked_phone};
pub(crate) use tutor::{document_key, full_name, phone_tail};
pub use vinculo::{NuevoVinculo, Relacion, Transferencia, Vinculo, may_link};

pub mod problemas {
    kernel::problems! {
        TUTOR_YA_REGISTRADO = CONFLICT, "tutor-ya-registrado", "Ese documento ya es de otro tutor";
        MICROCHIP_YA_REGISTRADO = CONFLICT, "microchip-ya-registrado", "Ese microchip ya es de otra mascota";
        VINCULO_IMPOSIBLE = CONFLICT, "vinculo-imposible", "El tutor y la mascota no se pueden vincular así";
        FOTO_INVALIDA = UNSUPPORTED_MEDIA_TYPE, "foto-invalida", "La foto no es JPEG, PNG ni WebP";
    }
}
