//! The events that people and other systems may hear of, a line each: its name, who may hear it, what it means. Events
//! of the platform for itself (`cuenta.…`) are not here.
use crate::permission::index_of;

/// A line of the catalogue of events.
#[derive(Debug, Clone, Copy, serde::Serialize, utoipa::ToSchema)]
pub struct Tema {
    /// Nombre estable, como `cita.reservada`.
    pub clave: &'static str,
    /// Permiso que hace falta para enterarse.
    pub permiso: &'static str,
    /// Qué pasó.
    pub descripcion: &'static str,
}

macro_rules! events {
    ($($name:literal, $permission:literal, $text:literal;)*) => {
        pub const CATALOGUE: &[Tema] = &[$(Tema { clave: $name, permiso: $permission, descripcion: $text }),*];
    };
}

events! {
    "agenda.renovada",     "cita.ver",     "Se importaron citas de una sede, o se deshizo su importación";
    "alerta.cambiada",     "alerta.ver",   "Cambiaron las alertas médicas de una mascota";
    "alerta.ensayo_terminado", "alerta.ensayar", "Terminó el ensayo de una regla, o falló";
    "alerta.pasada_terminada", "alerta.ver", "Las reglas terminaron de recorrer a todas las mascotas";
    "alerta.reglas_detenidas", "alerta.ver", "Cambió qué reglas de alerta no corren";
    "asignacion.borrada",  "usuario.ver",  "Se quitó un rol a una persona";
    "asignacion.creada",   "usuario.ver",  "Se dio un rol a una persona";
    "autoreserva.anulada", "cita.ver",     "Se anuló lo que un tutor pidió por su cuenta: lo anuló él, o su mascota falleció";
    "autoreserva.aprobada", "cita.ver",    "La sede aprobó lo que un tutor pidió por su cuenta";
    "autoreserva.pedida",  "cita.ver",     "Un tutor pidió una hora por su cuenta y la sede debe aprobarla";
    "autoreserva.rechazada", "cita.ver",   "La sede rechazó lo que un tutor pidió por su cuenta";
    "bloqueo.creado",      "cita.ver",     "Se bloqueó un período de una sede, de un médico, de un ambiente o de un equipo";
    "bloqueo.quitado",     "cita.ver",     "Se quitó un bloqueo";
    "cita.anulada",        "cita.ver",     "Se anuló una cita";
    "cita.cambiada",       "cita.ver",     "Una cita cambió de hora, de médico, de estado o de motivo";
    "cita.cambio_pedido",  "cita.ver",     "Un tutor pidió cambiar de hora una cita, desde el correo";
    "cita.reservada",      "cita.ver",     "Se reservó una cita";
    "cita.retenida",       "cita.ver",     "Se retuvo una hora por unos minutos";
    "cita.soltada",        "cita.ver",     "Se soltó una hora retenida antes de que venza";
    "complemento.aviso",   "complemento.ver", "Un complemento avisó de algo";
    "complemento.cambiado", "complemento.ver", "Se instaló, configuró, habilitó, actualizó o quitó un complemento";
    "complemento.en_cuarentena", "complemento.ver", "Un complemento se detuvo por errores repetidos";
    "consentimiento.otorgado", "paciente.ver", "Un tutor consintió el uso de sus datos para algo";
    "consentimiento.retirado", "paciente.ver", "Un tutor retiró un consentimiento";
    "conservacion.cumplida", "conservacion.configurar", "Se anonimizó o se borró lo que cumplió su tiempo";
    "derecho.por_vencer",  "derecho.atender", "El plazo de una solicitud sobre datos personales está por vencer";
    "derecho.respondido",  "derecho.atender", "Se respondió una solicitud sobre datos personales";
    "derecho.solicitado",  "derecho.atender", "Llegó una solicitud sobre datos personales";
    "derecho.vencido",     "derecho.atender", "Venció el plazo de una solicitud sobre datos personales";
    "espera.aceptada",     "cita.ver",     "Se aceptó una hora ofrecida a quien la esperaba";
    "espera.anotada",      "cita.ver",     "Se anotó a una mascota en la lista de espera";
    "espera.cambiada",     "cita.ver",     "Cambió lo que se espera";
    "espera.ofrecida",     "cita.ver",     "Se ofreció una hora que quedó libre a quien la esperaba";
    "espera.rechazada",    "cita.ver",     "Se rechazó una hora ofrecida";
    "espera.retirada",     "cita.ver",     "Se retiró a una mascota de la lista de espera";
    "espera.vencida",      "cita.ver",     "Un ofrecimiento venció o se retiró sin respuesta";
    "excepcion.creada",    "cita.ver",     "Se creó un día especial de una sede o de un médico";
    "excepcion.quitada",   "cita.ver",     "Se quitó un día especial";
    "exportacion.avanzada", "cadena.exportar", "Se escribió otra parte de la exportación completa";
    "exportacion.terminada", "cadena.exportar", "Terminó la exportación completa de la cadena, o falló";
    "feriado.cambiado",    "cita.ver",     "Un feriado que agregó la cadena tiene otro nombre u otra norma";
    "feriado.creado",      "cita.ver",     "La cadena agregó un feriado";
    "feriado.quitado",     "cita.ver",     "La cadena quitó un feriado que había agregado";
    "hecho_clinico.anotado", "historial.ver", "Se anotó una vacuna, una desparasitación, un problema, una alergia o un tratamiento";
    "hecho_clinico.anulado", "historial.ver", "Se anuló algo que se había anotado mal de una mascota";
    "hecho_clinico.terminado", "historial.ver", "Se resolvió un problema o una alergia, o terminó un tratamiento";
    "horario.cambiado",    "cita.ver",     "Cambió el horario semanal de una sede";
    "importacion.avanzada", "datos.importar", "Se procesó otra parte de un archivo que se importa";
    "importacion.terminada", "datos.importar", "Terminó una prueba, una importación o su vuelta atrás";
    "incidente.cambiado",  "derecho.atender", "Un incidente con datos personales se notificó o se cerró";
    "incidente.por_vencer", "derecho.atender", "Quedan pocas horas para avisar a la autoridad de un incidente";
    "incidente.registrado", "derecho.atender", "Hubo un incidente con datos personales";
    "incidente.vencido",   "derecho.atender", "Pasaron las 48 horas para avisar a la autoridad de un incidente";
    "mascota.abierta",     "apertura.revisar", "Se abrió por emergencia la ficha de una mascota de otra sede";
    "mascota.cambiada",    "paciente.ver", "Cambiaron los datos de una mascota";
    "mascota.fallecida",   "paciente.ver", "Se registró el fallecimiento de una mascota";
    "mascota.fallecimiento_corregido", "paciente.ver", "Un fallecimiento se había registrado por error";
    "mascota.fusion_deshecha", "paciente.ver", "Se deshizo una fusión: dos registros de mascota vuelven a ser dos";
    "mascota.fusionada",   "paciente.ver", "Un registro de mascota se fusionó con otro";
    "mascota.pesada",      "paciente.ver", "Se anotó el peso de una mascota";
    "mascota.peso_anulado", "paciente.ver", "Se anuló un peso que se había anotado mal";
    "mascota.registrada",  "paciente.ver", "Se registró una mascota";
    "mascota.transferida", "paciente.ver", "Una mascota pasó a otro tutor";
    "modulo.cambiado",     "complemento.ver", "Se activó o desactivó un módulo";
    "plan.cambiado",       "cita.ver",     "Cambió el horario semanal de un médico en una sede";
    "reclamo.por_vencer",  "reclamo.ver",  "Quedan pocos días hábiles para responder un reclamo o una queja";
    "reclamo.presentado",  "reclamo.ver",  "Un consumidor dejó una hoja en el Libro de Reclamaciones";
    "reclamo.respondido",  "reclamo.ver",  "Se respondió un reclamo o una queja";
    "reclamo.vencido",     "reclamo.ver",  "Venció el plazo para responder un reclamo o una queja";
    "rol.borrado",         "rol.ver",      "Se borró un rol";
    "rol.cambiado",        "rol.ver",      "Cambió un rol o sus permisos";
    "rol.creado",          "rol.ver",      "Se creó un rol";
    "sede.cambiada",       "sede.ver",     "Cambiaron los datos de una sede";
    "sede.creada",         "sede.ver",     "Se creó una sede";
    "servicio.cambiado",   "servicio.ver", "Cambió un servicio o su precio";
    "turno.asignado",      "cita.ver",     "Se asignó un turno a un médico";
    "turno.borrado",       "cita.ver",     "Se borró un turno de una sede";
    "turno.cambiado",      "cita.ver",     "Cambiaron el nombre o las horas de un turno";
    "turno.creado",        "cita.ver",     "Se creó un turno de una sede";
    "turno.quitado",       "cita.ver",     "Se quitó un turno a un médico";
    "tutor.anonimizado",   "paciente.ver", "Se anonimizó a un tutor";
    "tutor.cambiado",      "paciente.ver", "Cambiaron los datos de un tutor";
    "tutor.fusion_deshecha", "paciente.ver", "Se deshizo una fusión: dos registros de tutor vuelven a ser dos";
    "tutor.fusionado",     "paciente.ver", "Un registro de tutor se fusionó con otro";
    "tutor.registrado",    "paciente.ver", "Se registró un tutor";
    "usuario.activado",    "usuario.ver",  "Se activó la cuenta de una persona";
    "usuario.cambiado",    "usuario.ver",  "Cambiaron los datos de una persona";
    "usuario.creado",      "usuario.ver",  "Se creó la cuenta de una persona";
    "usuario.desactivado", "usuario.ver",  "Se desactivó la cuenta de una persona";
    "visita.cambiada",     "cita.ver",     "Cambió el triaje de quien espera, o un médico lo tomó";
    "visita.llegada",      "cita.ver",     "Alguien llegó sin cita";
    "visita.retirada",     "cita.ver",     "Quien vino sin cita se fue sin que lo atendieran";
}

/// Place in the list of permissions of what it takes to hear of this event; `None` for what nobody outside hears of.
pub fn permission_of(clave: &str) -> Option<usize> {
    let found = CATALOGUE.binary_search_by(|tema| tema.clave.cmp(clave)).ok()?;
    index_of(CATALOGUE[found].permiso)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_sorted_and_every_event_has_its_permission() {
        assert!(CATALOGUE.is_sorted_by(|a, b| a.clave < b.clave));
        for tema in CATALOGUE {
            assert!(permission_of(tema.clave).is_some(), "{}: {}", tema.clave, tema.permiso);
        }
        assert_eq!((permission_of("cuenta.invitada"), permission_of("cita")), (None, None));
    }
}
