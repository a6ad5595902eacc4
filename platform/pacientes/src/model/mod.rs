//! Types and rules of owners and pets; pure.
mod ajustes;
mod anonimizacion;
mod apertura;
mod busqueda;
mod conducta;
mod consentimiento;
mod duplicado;
mod especie;
mod expediente;
mod fallecimiento;
mod fusion;
mod identificador;
mod mascota;
pub mod palabras;
mod peso;
mod registro;
mod retenida;
mod tutor;
mod vinculo;
mod visibilidad;

pub use ajustes::{Ajustes, CambioAjustes};
pub use anonimizacion::Anonimizacion;
pub use apertura::{Apertura, Dictamen, NuevaApertura, Revision};
pub use busqueda::{Buscado, Encontrado, MascotaHallada, Por, names, rank};
pub use conducta::ConConducta;
pub use consentimiento::{Canal, Consentimiento, Consentimientos, Finalidad, Medio, NuevoConsentimiento};
pub use duplicado::{Candidato, Motivo, refuse, same_name};
pub use especie::{Especie, EspecieBreve, NuevaEspecie, NuevaRaza, Raza, RazaBreve};
pub use expediente::{
    AccesoADatos, AlertaDelExpediente, AutoreservaDelExpediente, CanalesDelExpediente, EsperaDelExpediente, Expediente, FaltaDelExpediente,
    HechoDelExpediente, LlegadaDelExpediente, MascotaDelExpediente, MensajeDelExpediente, PedidoDelExpediente, RespuestaDelExpediente,
};
pub use fallecimiento::{Fallecimiento, NuevoFallecimiento};
pub use fusion::{
    Fusion, FusionPrevista, FusionTipo, Fusionado, IdentificadorMovido, MascotaPorFusionar, Movido, Mudanza, NuevaFusion, Par, Seguido,
    TutorPorFusionar, VinculoMovido, check_merge, unmerged,
};
pub use identificador::{Identificado, Identificador, IdentificadorTipo, check_identifiers};
pub use mascota::{DatosMascota, FOTO_MAX, FichaMascota, Mascota, MascotaDeTutor, Referencias, Sexo, foto_tipo, hoy};
pub(crate) use peso::grams;
pub use peso::{CurvaDePeso, NuevoPeso, Peso};
pub use registro::{MascotaNueva, Registrable, Registro, SolicitudRegistro};
pub use retenida::Retenida;
pub use tutor::{DatosTutor, Documento, FichaTutor, Tutor, TutorBreve, TutorDeLista, masked_phone};
pub(crate) use tutor::{document_key, full_name, phone_tail};
pub use vinculo::{NuevoVinculo, Relacion, Transferencia, Vinculo, may_link};
pub use visibilidad::{AjustesVisibilidad, CambioVisibilidad, Visibilidad};

pub mod problemas {
    kernel::problems! {
        TUTOR_YA_REGISTRADO = CONFLICT, "tutor-ya-registrado", "Ese documento ya es de otro tutor";
        MICROCHIP_YA_REGISTRADO = CONFLICT, "microchip-ya-registrado", "Ese microchip ya es de otra mascota";
        VINCULO_IMPOSIBLE = CONFLICT, "vinculo-imposible", "El tutor y la mascota no se pueden vincular así";
        FOTO_INVALIDA = UNSUPPORTED_MEDIA_TYPE, "foto-invalida", "La foto no es JPEG, PNG ni WebP";
        POSIBLE_DUPLICADO = CONFLICT, "posible-duplicado", "Parece que ya está registrado";
        PERSONA_OLVIDADA = CONFLICT, "persona-olvidada", "El tutor se anonimizó";
        ANONIMIZACION_IMPOSIBLE = CONFLICT, "anonimizacion-imposible", "El tutor no se puede anonimizar ahora";
        REGISTRO_FUSIONADO = CONFLICT, "registro-fusionado", "El registro se fusionó con otro";
        FUSION_IMPOSIBLE = CONFLICT, "fusion-imposible", "Esos registros no se pueden fusionar así";
        FUSION_DEFINITIVA = CONFLICT, "fusion-definitiva", "Esa fusión ya no se puede deshacer";
        PESO_POR_CONFIRMAR = CONFLICT, "peso-por-confirmar", "Ese peso llama la atención";
        PESO_ANULADO = CONFLICT, "peso-anulado", "Ese peso ya se anuló";
        PACIENTE_RESTRINGIDO = FORBIDDEN, "paciente-restringido", "Ese paciente es de otra sede";
        APERTURA_IMPOSIBLE = CONFLICT, "apertura-imposible", "Ese paciente no se puede abrir por emergencia";
        REVISION_IMPOSIBLE = CONFLICT, "revision-imposible", "Esa apertura no la puede revisar usted ahora";
        YA_FALLECIDA = CONFLICT, "mascota-ya-fallecida", "El fallecimiento ya está registrado";
    }
}
