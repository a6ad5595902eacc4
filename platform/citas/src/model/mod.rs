//! The agenda and its rules. No I/O here.
mod agenda;
mod calendario;
mod cita;
mod disponibilidad;
mod espera;
mod estado;
mod falta;
mod fecha;
mod libre;
mod opciones;
mod plan;
mod retencion;
mod serie;
mod traslado;

pub use agenda::{Agenda, Excepcion, FIN_DEL_DIA, Impedimento, TramoMedico, TramoSemanal};
pub use calendario::{Calendario, CalendarioCreado, EnCalendario, Invitacion, NuevoCalendario, en_texto};
pub use cita::{CambioCita, Cita, CitaEnAgenda, Conflicto, NuevaCita, Oferta, Slot, check_inicio, fuera_de_agenda, traslape};
pub use disponibilidad::{Busqueda, Hueco, Ocupacion, hay_hueco, huecos};
pub use espera::{
    AjustesEspera, CambioAjustesEspera, Candidata, Espera, EstadoEspera, EstadoOferta, NuevaEspera, Ofrecimiento, Preferencia, Prioridad,
    plazo,
};
pub use estado::Estado;
pub use falta::{AjustesCitas, AnuladaPor, CambioAjustesCitas, Falta, FaltaTipo, MEMORIA};
pub use fecha::{dia_y_hora, solo_hora};
pub use libre::{Antes, Libre};
pub use opciones::{Opciones, Recursos};
pub use plan::{ExcepcionConfigurada, Feriado, HorarioSede, NuevaExcepcion, PlanMedico, Semana, hora};
pub use retencion::{Confirmacion, NuevaRetencion, Retencion};
pub use serie::{Alcance, NoCambia, NuevaSerie, Ocurrencia, Serie, SiHayConflicto, Simulacion, serie_con_conflictos};
pub use traslado::{CambioTraslado, Traslado};

pub mod problemas {
    kernel::problems! {
        CONFLICTO = CONFLICT, "cita-traslape", "La hora ya está ocupada";
        FUERA_DE_AGENDA = UNPROCESSABLE_ENTITY, "cita-fuera-de-agenda", "La agenda no admite esa hora";
        CAMBIO_NO_PERMITIDO = CONFLICT, "cita-cambio-no-permitido", "La cita no admite ese cambio";
        RETENCION_VENCIDA = GONE, "retencion-vencida", "La hora ya no está retenida";
        SERIE_CON_CONFLICTOS = CONFLICT, "serie-con-conflictos", "No todas las fechas de la serie se pueden reservar";
        OFERTA_CERRADA = GONE, "oferta-cerrada", "El ofrecimiento ya no se puede responder";
        ESPERA_CERRADA = CONFLICT, "espera-cerrada", "La espera no admite ese cambio";
        MASCOTA_FALLECIDA = UNPROCESSABLE_ENTITY, "mascota-fallecida", "La mascota falleció";
    }
}
