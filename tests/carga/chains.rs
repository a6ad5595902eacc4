//! The chains that are put under load: made by the product's own commands and doors, not by hand.
use crate::{
    idle::Idle,
    names,
    place::{Place, ran},
    server::Server,
    slots::Slots,
};
use anyhow::Result;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use kernel::{Outside, SystemCtx, crypto::Keyring, ids::TenantId};
use pacientes::{MascotaImportada, PacienteImportado};
use serde_json::json;
use sqlx::PgPool;
use std::{cell::RefCell, fmt::Write, path::Path, rc::Rc, sync::Arc};
use uuid::Uuid;

/// Everybody's password: the machine is private and lives as long as the run.
pub const CLAVE: &str = "carga-de-prueba-2026";

/// How large a chain is.
#[derive(Debug, Clone)]
pub struct Shape {
    pub clave: String,
    pub sedes: usize,
    /// In each sede, and as many rooms.
    pub medicos: usize,
    pub mascotas: usize,
}

/// A chain, with the ids that requests need.
pub struct Cadena {
    pub shape: Shape,
    pub tenant: Uuid,
    pub servicio: Uuid,
    /// Another one, as long, that also takes a piece of equipment.
    pub con_equipo: Uuid,
    pub sedes: Vec<Sede>,
    pub mascotas: Vec<Uuid>,
    pub slots: Slots,
    token: RefCell<Rc<str>>,
}

pub struct Sede {
    pub id: Uuid,
    pub medicos: Vec<Uuid>,
    pub ambientes: Vec<Uuid>,
    /// The only one of its kind.
    pub equipo: Uuid,
    recepcion: RefCell<Rc<str>>,
}

impl Sede {
    pub fn new(id: Uuid, medicos: Vec<Uuid>, ambientes: Vec<Uuid>, equipo: Uuid) -> Self {
        Self { id, medicos, ambientes, equipo, recepcion: RefCell::new("".into()) }
    }
}

impl Cadena {
    /// `servicios`: one without equipment and one with it.
    pub fn new(shape: Shape, tenant: Uuid, servicios: [Uuid; 2], sedes: Vec<Sede>, mascotas: Vec<Uuid>, first_day: Date) -> Self {
        let [servicio, con_equipo] = servicios;
        Self { shape, tenant, servicio, con_equipo, sedes, mascotas, slots: Slots::from(first_day), token: RefCell::new("".into()) }
    }
    pub fn sede(&self, id: Uuid) -> Option<&Sede> {
        self.sedes.iter().find(|sede| sede.id == id)
    }
    /// Of whoever books in a sede: its reception, who may see and do things there alone; until that signs in, the administrator.
    pub fn booker(&self, sede: Uuid) -> Rc<str> {
        let own = self.sede(sede).map(|sede| sede.recepcion.borrow().clone());
        own.filter(|token| !token.is_empty()).unwrap_or_else(|| self.token())
    }
    /// Each sede's reception.
    pub async fn sign_in_receptions(&self, server: &Server) -> Result<()> {
        let clave = &self.shape.clave;
        for (number, sede) in self.sedes.iter().enumerate() {
            let token = server.token_of(clave, &recepcion(number, clave)).await?;
            *sede.recepcion.borrow_mut() = token;
        }
        Ok(())
    }
    /// Of its administrator, who must have signed in.
    pub fn token(&self) -> Rc<str> {
        self.token.borrow().clone()
    }
    pub async fn sign_in(&self, server: &Server) -> Result<()> {
        let token = server.token(&self.shape.clave).await?;
        *self.token.borrow_mut() = token;
        Ok(())
    }
}

/// A database with these chains in it, their pets and free agendas from three days ahead.
pub async fn make(place: &Place, database: &str, shapes: &[Shape]) -> Result<(PgPool, Vec<Rc<Cadena>>)> {
    let admin = place.connect("postgres").await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {database}"))).execute(&admin).await?;
    ran(place.huella(database).arg("migrate"))?;
    for (number, shape) in shapes.iter().enumerate() {
        apply(place, database, shape, number)?;
    }
    let db = place.connect(database).await?;
    let system = system(place, db.clone())?;
    let first_day = system.app().now().to_zoned(jiff::tz::TimeZone::UTC).date().checked_add(3.days())?;
    let mut chains = Vec::new();
    for shape in shapes {
        let tenant: Uuid = sqlx::query_scalar("select id from tenants where clave = $1").bind(&shape.clave).fetch_one(&db).await?;
        let servicios = [servicio(&db, tenant, "CONS").await?, servicio(&db, tenant, "ECO").await?];
        let mascotas = populate(&system, TenantId(tenant), shape.mascotas, paciente).await?;
        let sedes = sedes(&db, tenant).await?;
        chains.push(Rc::new(Cadena::new(shape.clone(), tenant, servicios, sedes, mascotas, first_day)));
    }
    sqlx::query("vacuum analyze").execute(&db).await?;
    Ok((db, chains))
}

/// Makes a chain by the product's own command.
pub fn apply(place: &Place, database: &str, shape: &Shape, number: usize) -> Result<()> {
    let folder = place.folder.join(&shape.clave);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("tenant.toml"), tenant_file(shape, number))?;
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants/_base");
    ran(place.huella(database).args(["tenant", "apply"]).arg(&folder).arg("--base").arg(&base).args(["--clave-demo", CLAVE]))
}

async fn servicio(db: &PgPool, tenant: Uuid, codigo: &str) -> Result<Uuid> {
    Ok(sqlx::query_scalar("select id from servicios where tenant_id = $1 and codigo = $2").bind(tenant).bind(codigo).fetch_one(db).await?)
}

/// Sedes with their vets, rooms and equipment, in a fixed order.
async fn sedes(db: &PgPool, tenant: Uuid) -> Result<Vec<Sede>> {
    let rows: Vec<(Uuid, Vec<Uuid>, Vec<Uuid>, Uuid)> = sqlx::query_as(
        "select s.id, array(select distinct p.medico_id from planes_medicos p where p.sede_id = s.id order by 1),
                array(select a.id from ambientes a where a.sede_id = s.id order by a.nombre),
                (select e.id from equipos e where e.sede_id = s.id)
           from sedes s where s.tenant_id = $1 order by s.codigo",
    )
    .bind(tenant)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|(id, medicos, ambientes, equipo)| Sede::new(id, medicos, ambientes, equipo)).collect())
}

/// A RUC with its check digit.
fn ruc(number: usize) -> String {
    let base = format!("20{number:08}");
    let weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    let sum: u32 = base.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{base}{}", (11 - sum % 11) % 10)
}

/// Whose mail the reception of a sede signs in with.
fn recepcion(sede: usize, clave: &str) -> String {
    format!("r{sede}@{clave}.example.pe")
}

fn tenant_file(shape: &Shape, number: usize) -> String {
    let Shape { clave, sedes, medicos, .. } = shape;
    let ruc = ruc(55_000_000 + number);
    let week = ["lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"]
        .map(|day| format!("{day} = [\"08:00-20:00\"]\n"))
        .concat();
    let mut text = format!(
        "[cadena]\nclave = \"{clave}\"\nnombre = \"Carga {clave}\"\n\n[[entidades_legales]]\nruc = \"{ruc}\"\nrazon_social = \"Carga {clave} S.A.C.\"\n\n\
         [[servicios]]\ncodigo = \"CONS\"\nnombre = \"Consulta\"\nduracion_min = 15\nantes_min = 0\ndespues_min = 5\nambiente_tipo = \"consultorio\"\n\n\
         [[servicios]]\ncodigo = \"ECO\"\nnombre = \"Ecografía\"\nduracion_min = 15\nantes_min = 0\ndespues_min = 5\nambiente_tipo = \"consultorio\"\nequipos_tipos = [\"ecografo\"]\n\n\
         [[personal]]\nnombres = \"Admin\"\napellidos = \"De {clave}\"\ncorreo = \"admin@{clave}.example.pe\"\nasignaciones = [{{ rol = \"administrador_cadena\" }}]\n\n"
    );
    for sede in 0..*sedes {
        let codigo = format!("S{sede:03}");
        let rooms: Vec<String> =
            (1..=*medicos).map(|room| format!("{{ nombre = \"Consultorio {room}\", tipo = \"consultorio\" }}")).collect();
        let _ = write!(
            text,
            "[[sedes]]\ncodigo = \"{codigo}\"\nnombre = \"Sede {sede}\"\nentidad_legal = \"{ruc}\"\nciudad = \"Lima\"\nubigeo = \"150101\"\natiende_feriados = true\nambientes = [{}]\nequipos = [{{ nombre = \"Ecógrafo\", tipo = \"ecografo\" }}]\nareas = []\n\n[[horarios]]\nsede = \"{codigo}\"\n{week}\n",
            rooms.join(", ")
        );
        let correo = recepcion(sede, clave);
        let _ = write!(
            text,
            "[[personal]]\nnombres = \"Recepción\"\napellidos = \"Sede {sede}\"\ncorreo = \"{correo}\"\nasignaciones = [{{ rol = \"recepcion\", sede = \"{codigo}\" }}]\n\n"
        );
        for medico in 0..*medicos {
            let correo = format!("m{sede}.{medico}@{clave}.example.pe");
            let cmvp = 10_000 + sede * 100 + medico;
            let _ = write!(
                text,
                "[[personal]]\nnombres = \"Médico {medico}\"\napellidos = \"Sede {sede}\"\ncorreo = \"{correo}\"\ncmvp = \"{cmvp}\"\nasignaciones = [{{ rol = \"veterinario\", sede = \"{codigo}\" }}]\n\n[[planes]]\nmedico = \"{correo}\"\nsede = \"{codigo}\"\n{week}\n"
            );
        }
    }
    text
}

/// The product's context, in this process, to fill chains through the domains' own doors.
pub fn system(place: &Place, pool: PgPool) -> Result<SystemCtx> {
    #[expect(clippy::disallowed_methods, reason = "the clock of a measurement is the wall's")]
    let clock = Arc::new(Timestamp::now);
    Ok(SystemCtx::start(Outside {
        pool,
        replica: None,
        clock,
        keyring: Arc::new(Keyring::open_or_create(&place.folder.join("claves/maestra.json"))?),
        cache: Arc::new(adapters::MemoryCache::new(1 << 20)),
        bus: Arc::new(adapters::MemoryBus::default()),
        files: Arc::new(Idle),
        mailer: Arc::new(Idle),
    }))
}

/// Registers pets, one owner each, through `pacientes::importar`.
pub async fn populate(
    system: &SystemCtx,
    tenant: TenantId,
    count: usize,
    paciente: impl Fn(usize, Timestamp) -> Result<PacienteImportado>,
) -> Result<Vec<Uuid>> {
    let mut all = Vec::with_capacity(count);
    for start in (0..count).step_by(500) {
        let lote: Vec<PacienteImportado> =
            (start..count.min(start + 500)).map(|number| paciente(number, system.app().now())).collect::<Result<_>>()?;
        let mut tx = system.begin(tenant).await.map_err(problem)?;
        let made = pacientes::importar(&mut tx, &lote).await.map_err(problem)?;
        tx.commit().await.map_err(problem)?;
        all.extend(made.into_iter().flat_map(|(_, pets)| pets).map(Uuid::from));
    }
    Ok(all)
}

fn problem(problem: kernel::Problem) -> anyhow::Error {
    anyhow::anyhow!("{}", serde_json::to_string(&problem).unwrap_or_default())
}

fn paciente(number: usize, now: Timestamp) -> Result<PacienteImportado> {
    un_paciente(number, &format!("Persona {number}"), &names::nombre_de_mascota(number), now)
}

/// A dog with an owner of this surname and phone.
pub fn un_paciente(number: usize, nombres: &str, mascota: &str, now: Timestamp) -> Result<PacienteImportado> {
    let tutor =
        serde_json::from_value(json!({ "nombres": nombres, "apellidos": names::apellidos(number), "telefono": format!("9{number:08}") }))?;
    let mascota = serde_json::from_value(json!({ "nombre": mascota, "especie": "perro", "sexo": "macho" }))?;
    Ok(PacienteImportado {
        tutor,
        mascotas: vec![MascotaImportada { mascota, pesos: Vec::new() }],
        registrado_en: now - SignedDuration::from_hours(24),
    })
}
