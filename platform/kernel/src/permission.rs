//! The complete list of what a role can be allowed to do, a line each.

/// One permission, as a type, so that a handler states it in its signature.
pub trait Permission: Send + Sync + 'static {
    /// Place in [`CATALOGUE`], or `None` for what every signed-in person may do with what is their own.
    const INDEX: Option<usize>;
    /// Whether it is allowed in a session that somebody locked.
    const WHILE_LOCKED: bool = false;
}

/// Whether a permission makes sense in one sede, or only for the whole chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Sede,
    Cadena,
}

/// A line of the catalogue of permissions.
#[derive(Debug, Clone, Copy, serde::Serialize, utoipa::ToSchema)]
pub struct Entry {
    /// Clave estable, como `cita.reservar`.
    pub clave: &'static str,
    /// Alcance más pequeño en el que se puede otorgar.
    pub alcance: Scope,
    /// Lo que permite.
    pub descripcion: &'static str,
}

macro_rules! permissions {
    ($($name:ident = $key:literal, $scope:ident, $text:literal;)*) => {
        enum Position { $($name),* }
        $(
            #[doc = $text]
            pub struct $name;
            impl Permission for $name { const INDEX: Option<usize> = Some(Position::$name as usize); }
        )*
        /// Every permission, in the order of the bit sets.
        pub const CATALOGUE: &[Entry] = &[$(Entry { clave: $key, alcance: Scope::$scope, descripcion: $text }),*];
    };
}

permissions! {
    ConfigurarCadena     = "cadena.configurar",       Cadena, "Cambiar las razones sociales y crear sedes";
    ConfigurarSede       = "sede.configurar",         Sede,   "Cambiar una sede, sus áreas, ambientes y equipos";
    VerSedes             = "sede.ver",                Sede,   "Ver las sedes, áreas, ambientes y equipos";
    VerUsuarios          = "usuario.ver",             Sede,   "Ver al personal y sus roles";
    AdministrarUsuarios  = "usuario.administrar",     Sede,   "Invitar, cambiar y desactivar personal, y asignar roles";
    VerRoles             = "rol.ver",                 Sede,   "Ver los roles y sus permisos";
    AdministrarRoles     = "rol.administrar",         Cadena, "Crear y cambiar roles";
    VerAccesos           = "acceso.ver",              Cadena, "Ver el registro de ingresos";
    VerAuditoria         = "auditoria.ver",           Sede,   "Ver la auditoría";
    AdministrarClavesApi = "integracion.administrar", Cadena, "Crear y revocar claves de integración";
    AdministrarWebhooks  = "webhook.administrar",     Cadena, "Configurar los avisos a otros sistemas y ver lo que se les envió";
    AdministrarTrabajos  = "trabajo.administrar",     Cadena, "Ver los trabajos de fondo que fallaron y repetirlos";
    VerServicios         = "servicio.ver",            Sede,   "Ver el catálogo de servicios";
    AdministrarServicios = "servicio.administrar",    Cadena, "Crear y cambiar servicios";
    ConfigurarAgenda     = "agenda.configurar",       Sede,   "Cambiar horarios, turnos y días especiales";
    VerPacientes         = "paciente.ver",            Sede,   "Ver y buscar tutores y mascotas";
    RegistrarPacientes   = "paciente.registrar",      Sede,   "Registrar tutores y mascotas";
    EditarPacientes      = "paciente.editar",         Sede,   "Cambiar datos de tutores y mascotas";
    VerHistorial         = "historial.ver",           Sede,   "Ver el historial de una mascota";
    RegistrarPesos       = "peso.registrar",          Sede,   "Anotar el peso de una mascota";
    VerCitas             = "cita.ver",                Sede,   "Ver la agenda";
    ReservarCitas        = "cita.reservar",           Sede,   "Reservar citas";
    MoverCitas           = "cita.mover",              Sede,   "Mover o cambiar citas";
    AnularCitas          = "cita.anular",             Sede,   "Anular citas";
    ConfigurarCatalogo   = "catalogo.configurar",     Cadena, "Cambiar las especies, razas, antígenos y vacunas";
    AtenderCitas         = "cita.atender",            Sede,   "Pasar una cita por la sala: llegada, consulta, cobro";
    ExportarDatos        = "datos.exportar",          Sede,   "Llevarse listas como archivo";
    RegistrarFallecimientos = "fallecimiento.registrar", Sede, "Registrar el fallecimiento de una mascota";
    FusionarPacientes    = "paciente.fusionar",       Sede,   "Fusionar registros duplicados y deshacerlo";
    RegistrarConsentimientos = "consentimiento.registrar", Sede, "Anotar lo que un tutor consiente o retira";
    AnonimizarPersonas   = "persona.anonimizar",      Cadena, "Anonimizar a un tutor";
    ExportarPersonas     = "persona.exportar",        Cadena, "Entregar a un tutor todo lo que la cadena tiene de él";
    AbrirPorEmergencia   = "paciente.abrir",          Sede,   "Abrir por emergencia la ficha de un paciente de otra sede, con un motivo";
    RevisarAperturas     = "apertura.revisar",        Cadena, "Revisar las fichas que se abrieron por emergencia";
    RegistrarDerechos    = "derecho.registrar",       Sede,   "Anotar una solicitud sobre datos personales y avisar de un incidente";
    AtenderDerechos      = "derecho.atender",         Cadena, "Atender solicitudes sobre datos personales e incidentes";
    ConfigurarConservacion = "conservacion.configurar", Cadena, "Decidir cuánto se guarda cada clase de datos";
    CorregirFallecimientos  = "fallecimiento.corregir",  Sede, "Corregir un fallecimiento registrado por error";
    CambiarCitasAjenas   = "cita.ajenas",             Sede,   "Mover, anular o atender citas de otros médicos";
    AutorizarSobrecupos  = "cita.sobrecupo",          Sede,   "Reservar por encima de la agenda de un médico, con un motivo";
    VerMensajes          = "mensaje.ver",             Sede,   "Ver los mensajes que se enviaron a los tutores, cómo les fue y qué respondieron";
    ConfigurarMensajes   = "mensaje.configurar",      Cadena, "Cambiar las plantillas de los mensajes, por dónde y cuándo se envían";
    ExportarCadena       = "cadena.exportar",         Cadena, "Llevarse todos los datos de la cadena";
    RegistrarClinica     = "clinica.registrar",       Sede,   "Anotar, terminar y anular vacunas, desparasitaciones, problemas, alergias y tratamientos";
    VerAlertas           = "alerta.ver",              Sede,   "Ver las alertas médicas y qué reglas no corrieron";
    DescartarAlertas     = "alerta.descartar",        Sede,   "Descartar una alerta médica con un motivo, y reabrirla";
    EnsayarReglas        = "alerta.ensayar",          Cadena, "Ensayar reglas de alerta con otra configuración, otra versión u otras fechas";
    VerComplementos      = "complemento.ver",         Sede,   "Ver los complementos, sus permisos y cómo les va";
    AdministrarComplementos = "complemento.administrar", Cadena, "Instalar, configurar, habilitar y actualizar complementos, y activar módulos";
    PublicarComplementos = "complemento.publicar",    Cadena, "Publicar complementos y ver sus fallas";
    RevisarComplementos  = "complemento.revisar",     Cadena, "Revisar, firmar y retirar complementos en nombre de la plataforma";
    VerCadenas           = "cadena.ver",              Cadena, "Ver a qué cadenas sirve la plataforma, en nombre de ella";
    ReenviarMensajes     = "mensaje.reenviar",        Sede,   "Volver a enviar mensajes a los tutores y ocuparse de los que fallaron o se respondieron";
    VerReclamos          = "reclamo.ver",             Sede,   "Ver el Libro de Reclamaciones";
    ResponderReclamos    = "reclamo.responder",       Sede,   "Responder reclamos y quejas";
    ImportarDatos        = "datos.importar",          Sede,   "Traer datos de otro sistema, en archivos, y deshacerlo";
    CambiarPrecios       = "servicio.precio",         Cadena, "Poner y cambiar el precio de los servicios";
}

/// What every signed-in person may do with what is their own: devices, password, second factor.
pub struct Propio;
impl Permission for Propio {
    const INDEX: Option<usize> = None;
}

/// The little that is left of it in a locked session: who am I, unlock, sign out.
pub struct PropioBloqueado;
impl Permission for PropioBloqueado {
    const INDEX: Option<usize> = None;
    const WHILE_LOCKED: bool = true;
}

/// Index of a key such as `cita.ver` in the catalogue.
pub fn index_of(clave: &str) -> Option<usize> {
    CATALOGUE.iter().position(|entry| entry.clave == clave)
}

const WORDS: usize = CATALOGUE.len().div_ceil(64);

/// A set of permissions, one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PermissionSet([u64; WORDS]);

impl PermissionSet {
    pub fn insert(&mut self, index: usize) {
        self.0[index / 64] |= 1 << (index % 64);
    }
    pub fn contains(&self, index: usize) -> bool {
        self.0[index / 64] & (1 << (index % 64)) != 0
    }
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
    pub fn union(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine |= theirs);
        self
    }
    pub fn intersection(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine &= theirs);
        self
    }
    pub fn is_subset(&self, of: &Self) -> bool {
        self.0.iter().zip(of.0).all(|(mine, theirs)| mine & !theirs == 0)
    }
    pub fn iter(self) -> impl Iterator<Item = &'static Entry> {
        CATALOGUE.iter().enumerate().filter(move |(index, _)| self.contains(*index)).map(|(_, entry)| entry)
    }
}

impl FromIterator<usize> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = usize>>(indexes: I) -> Self {
        let mut set = Self::default();
        indexes.into_iter().for_each(|index| set.insert(index));
        set
    }
}

/// Whether `P` is held in any sede, or for the chain: for records that the chain shares.
pub fn holds_somewhere<P: Permission>(access: &crate::Access) -> bool {
    P::INDEX.is_none_or(|index| access.sedes_with(index).is_some())
}

/// Whether `P` is held in a sede: for handlers whose one permission does not cover all that was asked.
pub fn holds<P: Permission>(access: &crate::Access, sede: crate::ids::SedeId) -> bool {
    P::INDEX.is_none_or(|index| access.in_sede(sede).contains(index))
}
