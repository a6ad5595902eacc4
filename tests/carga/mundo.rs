//! The chains that are put under load: made by the product's own commands and doors, not by hand.
use crate::medir;
use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use kernel::{App, Outside, SystemCtx, crypto::Keyring, ids::TenantId};
use pacientes::{MascotaImportada, PacienteImportado};
use serde_json::json;
use sqlx::{
    Executor, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    fmt::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    rc::Rc,
    str::FromStr,
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;

/// Everybody's password: the machine is private and lives as long as the run.
const CLAVE: &str = "carga-de-prueba-2026";
/// Appointments of 15 minutes and 5 of buffer, from 8 to 20 every day: 36 a day and vet.
pub const TURNOS: u64 = 36;

/// Where things are, from the environment that `cargo xtask bench` sets.
pub struct Lugar {
    pub admin_url: String,
    pub bin: PathBuf,
    pub pgbench: PathBuf,
    pub pg_pid: u32,
    pub folder: PathBuf,
}

impl Lugar {
    pub fn from_env() -> Result<Self> {
        let var = |name: &str| std::env::var(name).with_context(|| format!("falta {name}: use `cargo xtask bench`"));
        let folder = std::env::temp_dir().join(format!("huella-carga-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            admin_url: var("DATABASE_URL")?,
            bin: var("HUELLA_BIN")?.into(),
            pgbench: var("PGBENCH")?.into(),
            pg_pid: var("PG_PID")?.parse()?,
            folder,
        })
    }

    pub fn options(&self, database: &str) -> Result<PgConnectOptions> {
        Ok(PgConnectOptions::from_str(&self.admin_url)?.database(database).options([("search_path", "huella,public")]))
    }

    /// The same address with another database.
    pub fn url(&self, database: &str) -> String {
        let (server, _) = self.admin_url.rsplit_once('/').unwrap_or((&self.admin_url, ""));
        format!("{server}/{database}")
    }

    pub fn huella(&self, database: &str) -> Command {
        let mut command = Command::new(&self.bin);
        command
            .env("DATABASE_URL", self.url(database))
            .env("DATABASE_ADMIN_URL", self.url(database))
            .env("HUELLA_CLAVES", self.folder.join("claves"))
            .env("HUELLA_LOG", "warn")
            .env_remove("REDIS_URL")
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        command
    }
}

impl Drop for Lugar {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// How large a chain is.
#[derive(Debug, Clone)]
pub struct Forma {
    pub clave: String,
    pub sedes: usize,
    pub medicos: usize,
    pub mascotas: usize,
}

/// A chain, with the ids that requests need.
pub struct Cadena {
    pub forma: Forma,
    pub tenant: TenantId,
    pub servicio: Uuid,
    pub sedes: Vec<Sede>,
    pub mascotas: Vec<Uuid>,
    /// `Bearer …` of its chain administrator.
    pub token: Rc<str>,
}

pub struct Sede {
    pub id: Uuid,
    pub medicos: Vec<Uuid>,
}

/// A RUC with its check digit.
fn ruc(number: usize) -> String {
    let base = format!("20{number:08}");
    let weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    let sum: u32 = base.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{base}{}", (11 - sum % 11) % 10)
}

fn tenant_file(forma: &Forma, number: usize) -> String {
    let Forma { clave, sedes, medicos, .. } = forma;
    let ruc = ruc(55_000_000 + number);
    let week = ["lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"]
        .map(|day| format!("{day} = [\"08:00-20:00\"]\n"))
        .concat();
    let mut text = format!(
        "[cadena]\nclave = \"{clave}\"\nnombre = \"Carga {clave}\"\n\n[[entidades_legales]]\nruc = \"{ruc}\"\nrazon_social = \"Carga {clave} S.A.C.\"\n\n\
         [[servicios]]\ncodigo = \"CONS\"\nnombre = \"Consulta\"\nduracion_min = 15\nantes_min = 0\ndespues_min = 5\nambiente_tipo = \"consultorio\"\n\n\
         [[personal]]\nnombres = \"Admin\"\napellidos = \"De {clave}\"\ncorreo = \"admin@{clave}.example.pe\"\nasignaciones = [{{ rol = \"administrador_cadena\" }}]\n\n"
    );
    for sede in 0..*sedes {
        let codigo = format!("S{sede:03}");
        let rooms: Vec<String> =
            (1..=*medicos).map(|room| format!("{{ nombre = \"Consultorio {room}\", tipo = \"consultorio\" }}")).collect();
        let _ = write!(
            text,
            "[[sedes]]\ncodigo = \"{codigo}\"\nnombre = \"Sede {sede}\"\nentidad_legal = \"{ruc}\"\nciudad = \"Lima\"\nubigeo = \"150101\"\natiende_feriados = true\nambientes = [{}]\nequipos = []\nareas = []\n\n[[horarios]]\nsede = \"{codigo}\"\n{week}\n",
            rooms.join(", ")
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

/// A database with these chains in it.
pub async fn crear(lugar: &Lugar, database: &str, formas: &[Forma]) -> Result<PgPool> {
    let admin = PgPoolOptions::new().max_connections(1).connect_with(lugar.options("postgres")?).await?;
    admin.execute(sqlx::AssertSqlSafe(format!("create database {database}"))).await?;
    ran(lugar.huella(database).arg("migrate"))?;
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tenants/_base");
    for (number, forma) in formas.iter().enumerate() {
        let folder = lugar.folder.join(&forma.clave);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("tenant.toml"), tenant_file(forma, number))?;
        ran(lugar.huella(database).args(["tenant", "apply"]).arg(&folder).arg("--base").arg(&base).args(["--clave-demo", CLAVE]))?;
    }
    Ok(PgPoolOptions::new().max_connections(4).connect_with(lugar.options(database)?).await?)
}

fn ran(command: &mut Command) -> Result<()> {
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output()?;
    anyhow::ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The product's context, in this process, to fill chains through the domains' own doors.
pub fn system(lugar: &Lugar, pool: PgPool) -> Result<SystemCtx> {
    #[expect(clippy::disallowed_methods, reason = "the clock of a measurement is the wall's")]
    let clock = Arc::new(Timestamp::now);
    Ok(SystemCtx::new(&App::new(Outside {
        pool,
        replica: None,
        clock,
        keyring: Arc::new(Keyring::open_or_create(&lugar.folder.join("claves/maestra.json"))?),
        cache: Arc::new(adapters::MemoryCache::new(1 << 20)),
        bus: Arc::new(adapters::MemoryBus::default()),
        files: Arc::new(crate::nada::Nada),
        mailer: Arc::new(crate::nada::Nada),
    })))
}

/// Names by number: popular ones are popular, as in life.
pub fn nombre_de_mascota(number: usize) -> String {
    const POPULARES: [&str; 24] = [
        "Luna", "Max", "Bella", "Rocky", "Coco", "Toby", "Kira", "Simba", "Nala", "Thor", "Lola", "Zeus", "Mia", "Bruno", "Chispa",
        "Princesa", "Duke", "Canela", "Oso", "Pelusa", "Manchas", "Negro", "Copito", "Michi",
    ];
    // Zipf by hand: the first names take most of the numbers.
    let rank = (number * 7919 % 1000) as f64 / 1000.0;
    let index = (POPULARES.len() as f64 * 4.0).powf(rank) as usize;
    POPULARES.get(index).map_or_else(|| silabas(number % 4096), |name| (*name).to_owned())
}

fn silabas(mut number: usize) -> String {
    const SILABAS: [&str; 16] = ["ka", "ri", "mo", "ta", "lu", "pe", "sa", "chu", "no", "qui", "ña", "be", "du", "fi", "gar", "lin"];
    let mut name = String::new();
    for _ in 0..3 {
        name.push_str(SILABAS[number % 16]);
        number /= 16;
    }
    name[..1].to_uppercase() + &name[1..]
}

pub fn apellidos(number: usize) -> String {
    const COMUNES: [&str; 40] = [
        "Quispe",
        "Flores",
        "Sánchez",
        "García",
        "Rodríguez",
        "Rojas",
        "Mamani",
        "Huamán",
        "Díaz",
        "Torres",
        "López",
        "Chávez",
        "Ramos",
        "Vásquez",
        "Castillo",
        "Mendoza",
        "Ramírez",
        "Condori",
        "Espinoza",
        "Fernández",
        "Gonzales",
        "Pérez",
        "Gutiérrez",
        "Cruz",
        "Vargas",
        "Castro",
        "Ccori",
        "Yupanqui",
        "Apaza",
        "Paredes",
        "Salazar",
        "Medina",
        "Reyes",
        "Silva",
        "Cárdenas",
        "Núñez",
        "Aguilar",
        "Ríos",
        "Campos",
        "Soto",
    ];
    let (a, b) = (number * 31 % 97, number * 17 % 89);
    let pick = |n: usize| COMUNES.get(n).map_or_else(|| silabas(n * 37), |name| (*name).to_owned());
    format!("{} {}", pick(a), pick(b))
}

/// Registers pets, one owner each, through `pacientes::importar`.
pub async fn poblar(system: &SystemCtx, tenant: TenantId, count: usize) -> Result<Vec<Uuid>> {
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

pub fn problem(problem: kernel::Problem) -> anyhow::Error {
    anyhow::anyhow!("{}", serde_json::to_string(&problem).unwrap_or_default())
}

fn paciente(number: usize, now: Timestamp) -> Result<PacienteImportado> {
    let tutor = serde_json::from_value(
        json!({ "nombres": format!("Persona {number}"), "apellidos": apellidos(number), "telefono": format!("9{number:08}") }),
    )?;
    let mascota = serde_json::from_value(json!({ "nombre": nombre_de_mascota(number), "especie": "perro", "sexo": "macho" }))?;
    Ok(PacienteImportado {
        tutor,
        mascotas: vec![MascotaImportada { mascota, pesos: Vec::new() }],
        registrado_en: now - SignedDuration::from_hours(24),
    })
}

/// Reads a chain back, with its sedes and vets in a fixed order.
pub async fn leer(db: &PgPool, forma: &Forma, mascotas: Vec<Uuid>, token: Rc<str>) -> Result<Cadena> {
    let tenant: Uuid = sqlx::query_scalar("select id from tenants where clave = $1").bind(&forma.clave).fetch_one(db).await?;
    let servicio: Uuid = sqlx::query_scalar("select id from servicios where tenant_id = $1").bind(tenant).fetch_one(db).await?;
    let rows: Vec<(Uuid, Vec<Uuid>)> = sqlx::query_as(
        "select s.id, array(select distinct p.medico_id from planes_medicos p where p.sede_id = s.id) from sedes s where s.tenant_id = $1 order by s.codigo",
    )
    .bind(tenant)
    .fetch_all(db)
    .await?;
    let sedes = rows.into_iter().map(|(id, medicos)| Sede { id, medicos }).collect();
    Ok(Cadena { forma: forma.clone(), tenant: TenantId(tenant), servicio, sedes, mascotas, token })
}

/// A running `huella serve`.
pub struct Servidor {
    child: Child,
    pub address: String,
    /// From the start of the process until it was ready.
    pub ready: Duration,
}

impl Servidor {
    pub async fn start(lugar: &Lugar, database: &str) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let start = std::time::Instant::now();
        let child =
            lugar.huella(database).arg("serve").env("HUELLA_ESCUCHA", &address).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn()?;
        let http = reqwest::Client::new();
        let url = format!("http://{address}/readyz");
        medir::until(Duration::from_secs(30), async || http.get(&url).send().await.is_ok_and(|r| r.status().is_success())).await?;
        Ok(Self { child, address, ready: start.elapsed() })
    }
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
    /// Signs the chain's administrator in.
    pub async fn token(&self, clave: &str) -> Result<Rc<str>> {
        let body = json!({ "cadena": clave, "correo": format!("admin@{clave}.example.pe"), "contrasena": CLAVE });
        let response = reqwest::Client::new().post(format!("http://{}/api/v1/sesiones", self.address)).json(&body).send().await?;
        let body: serde_json::Value = response.json().await?;
        let token = body["token"].as_str().with_context(|| format!("no se pudo ingresar: {body}"))?;
        Ok(format!("Bearer {token}").into())
    }
}

impl Drop for Servidor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One bookable slot.
pub struct Turno {
    pub sede: Uuid,
    pub medico: Uuid,
    pub mascota: Uuid,
    pub inicio: Timestamp,
}

impl Cadena {
    fn medicos(&self) -> u64 {
        self.sedes.iter().map(|sede| sede.medicos.len() as u64).sum()
    }

    /// Slot number `n`, each different, all free: spread over days, sedes and vets as bookings are, never twice.
    /// Two that overlap in time never name the same pet.
    pub fn turno(&self, n: u64, first_day: Date, only_sede: Option<usize>) -> Turno {
        let (base, vets) = match only_sede {
            Some(sede) => (sede as u64 * self.forma.medicos as u64, self.forma.medicos as u64),
            None => (0, self.medicos()),
        };
        let vet = base + n % vets;
        let cell = n / vets;
        // A walk over all cells of 700 days in an order that looks random: the step shares no factor with the count.
        let cell = cell.wrapping_mul(7_919) % (700 * TURNOS);
        let (day, slot) = (cell / TURNOS, cell % TURNOS);
        let sede = &self.sedes[vet as usize / self.forma.medicos];
        let start = first_day.saturating_add((day as i64).days()).at(8, 0, 0, 0) + (slot as i64 * 20).minutes();
        let block = self.mascotas.len() as u64 / self.medicos();
        let pet = vet * block + cell % block;
        Turno {
            sede: sede.id,
            medico: sede.medicos[vet as usize % self.forma.medicos],
            mascota: self.mascotas[pet as usize],
            inicio: start.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(-5))).map(|z| z.timestamp()).unwrap_or_default(),
        }
    }

    pub fn reserva(&self, turno: &Turno) -> bytes::Bytes {
        json!({ "sede_id": turno.sede, "medico_id": turno.medico, "servicio_id": self.servicio, "mascota_id": turno.mascota, "inicio": turno.inicio })
            .to_string()
            .into()
    }
}
