//! The agenda and its rules. No I/O here.
mod agenda;
mod autoreserva;
mod bloqueo;
mod calendario;
mod cita;
mod disponibilidad;
mod espera;
mod estado;
mod falta;
mod fecha;
mod feriado;
mod hoy;
mod impedimento;
mod libre;
mod opciones;
mod paleta;
mod plan;
mod reserva_propia;
mod retencion;
mod sala;
mod serie;
mod traslado;
mod turno;
mod visita;

pub use agenda::{Agenda, Bloqueado, Excepcion, FIN_DEL_DIA, TramoMedico, TramoSemanal, TurnoDeMedico};
pub use autoreserva::{Autoreserva, AutoreservaDeSede, CadenaPublica, HuecoPublico, MedicoPublico, SedePublica, ServicioPublico};
pub use bloqueo::{Bloqueo, BloqueoConCitas, NuevoBloqueo, bloqueo_con_citas};
pub use calendario::{Calendario, CalendarioCreado, EnCalendario, Invitacion, NuevoCalendario, en_texto, propia};
#[cfg(test)]
pub use cita::ADELANTE;
pub use cita::{CambioCita, Cita, CitaEnAgenda, Conflicto, NuevaCita, Oferta, Slot, check_inicio, fuera_de_agenda, traslape};
pub use disponibilidad::{Busqueda, Hueco, Ocupacion, hay_hueco, huecos};
pub use espera::{
    AjustesEspera, CambioAjustesEspera, Candidata, Espera, EstadoEspera, EstadoOferta, NuevaEspera, Ofrecimiento, Preferencia, Prioridad,
    plazo,
};
pub use estado::Estado;
pub use falta::{AjustesCitas, AnuladaPor, CambioAjustesCitas, ConFaltas, Falta, FaltaTipo, MEMORIA};
pub use fecha::{dia_y_hora, dia_y_mes, solo_hora};
pub use feriado::{Feriado, NuevoFeriado};
pub use hoy::{EsperaDeHoy, Hoy, Inasistencias, esperando, ocupacion, por_estado};
pub use impedimento::Impedimento;
pub use libre::{Antes, Libre, instante, nuevos};
pub use opciones::{Opciones, Recursos};
pub use paleta::{CitaEnPaleta, DE_CADA, Hallazgos};
pub use plan::{ExcepcionConfigurada, HorarioSede, NuevaExcepcion, PlanMedico, Semana, hora};
pub use reserva_propia::{
    CanalCodigo, CodigoEnviado, CodigoRecibido, ConsentimientoOpcional, Contada, DeSesion, Destino, EstadoAutoreserva, HoraElegida,
    HoraGuardada, MascotaPropia, PedidoCodigo, ReservaHecha, ReservaPropia, SesionDeReserva, SesionVista, SolicitudDeReserva, TutorPropio,
};
pub use retencion::{Confirmacion, NuevaRetencion, Retencion};
pub use sala::{Sala, TiempoDe, TiempoDeEspera, TiemposDeSala, VisitaConNombres};
pub use serie::{Alcance, NoCambia, NuevaSerie, Ocurrencia, Serie, SiHayConflicto, Simulacion, serie_con_conflictos};
pub use traslado::{CambioTraslado, Traslado};
pub use turno::{DatosTurno, DeTurno, NuevoTurnoAsignado, RolDeTurnos, Turno, TurnoAsignado};
pub use visita::{CambioVisita, NuevaVisita, TomaDeVisita, Triaje, Visita, minuto};

pub mod problemas {
    kernel::problems! {
        CONFLICTO = CONFLICT, "cita-traslape", "La hora ya está ocupada";
        FUERA_DE_AGENDA = UNPROCESSABLE_ENTITY, "cita-fuera-de-agenda", "La agenda no admite esa hora";
        CAMBIO_NO_PERMITIDO = CONFLICT, "cita-cambio-no-permitido", "La cita no admite ese cambio";
        RETENCION_VENCIDA = GONE, "retencion-vencida", "La hora ya no está retenida";
        SERIE_CON_CONFLICTOS = CONFLICT, "serie-con-conflictos", "No todas las fechas de la serie se pueden reservar";
        CODIGO_INCORRECTO = UNPROCESSABLE_ENTITY, "codigo-equivocado", "El código no es correcto";
        CODIGO_VENCIDO = GONE, "codigo-vencido", "El código ya no sirve";
        SESION_VENCIDA = GONE, "autoreserva-vencida", "El tiempo para reservar terminó";
        CANAL_NO_DISPONIBLE = UNPROCESSABLE_ENTITY, "canal-no-disponible", "No se puede enviar un código por ahí";
        HORA_NO_DISPONIBLE = CONFLICT, "hora-no-disponible", "La hora ya no está disponible";
        AUTORESERVA_HECHA = CONFLICT, "autoreserva-hecha", "Con este código ya se reservó";
        TOPE_DE_RESERVAS = CONFLICT, "tope-de-reservas", "No se admiten más reservas por aquí";
        PAGO_PREVIO = CONFLICT, "pago-previo", "Se pide un pago antes de reservar";
        SOLICITUD_RESUELTA = CONFLICT, "solicitud-resuelta", "La solicitud ya se resolvió";
        OFERTA_CERRADA = GONE, "oferta-cerrada", "El ofrecimiento ya no se puede responder";
        ESPERA_CERRADA = CONFLICT, "espera-cerrada", "La espera no admite ese cambio";
        VISITA_YA_ESPERA = CONFLICT, "visita-ya-espera", "La mascota ya espera en una sede";
        VISITA_NO_ESPERA = CONFLICT, "visita-no-espera", "La visita ya no espera";
        SALA_VACIA = CONFLICT, "sala-vacia", "Nadie espera a ese médico";
        BLOQUEO_CON_CITAS = CONFLICT, "bloqueo-con-citas", "Hay citas en el período que se quiere bloquear";
        FERIADO_REPETIDO = CONFLICT, "feriado-repetido", "Ese día ya es feriado ahí";
        TURNO_EN_USO = CONFLICT, "turno-en-uso", "El turno tiene médicos asignados";
        TURNO_YA_ASIGNADO = CONFLICT, "turno-ya-asignado", "El médico ya tiene ese turno en alguna de esas fechas";
        MASCOTA_FALLECIDA = UNPROCESSABLE_ENTITY, "mascota-fallecida", "La mascota falleció";
    }
}
