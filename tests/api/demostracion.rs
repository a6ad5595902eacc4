//! What `huella demo` loads: the two chains of `tenants/`, their pets and their agenda.
use huella_tests::{CLAVE, Huella};
use server::demo::datos::{CADENAS, MASCOTAS, Resumen, cargar, hay, limpiar};
use std::{path::PathBuf, time::Instant};

async fn aplicar(huella: &Huella) {
    let tenants = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tenants");
    for chain in CADENAS {
        let (system, identidad) = (huella.parts.system(), &huella.parts.identidad);
        let applied = server::tenant::apply(&system, identidad, &tenants.join("_base"), &tenants.join(chain), Some(CLAVE)).await;
        applied.expect("a chain of the demonstration");
    }
}

async fn load(huella: &Huella) -> Resumen {
    cargar(&huella.parts.system(), MASCOTAS, |line| eprintln!("{line}")).await.expect("loaded")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstration_is_as_large_full_and_disappointed_as_promised() {
    // Given the two chains,
    let huella = Huella::start().await;
    aplicar(&huella).await;
    // when their data is loaded,
    let start = Instant::now();
    let resumen = load(&huella).await;
    eprintln!("{:.1} s\n{resumen}", start.elapsed().as_secs_f64());
    // then it is what the documentation promises, in the database,
    let mascotas: i64 = huella.scalar("select count(*) from mascotas").await;
    assert!(mascotas >= 20_000, "{mascotas}");
    let citas = "citas c join tenants t on t.id = c.tenant_id where t.clave in ('andes', 'costa')";
    let count: i64 = huella.scalar(&format!("select count(*) from {citas}")).await;
    assert_eq!(resumen.cadenas.iter().map(|cadena| cadena.citas).sum::<i64>(), count);
    assert!(resumen.rechazadas * 100 < count as usize, "{} of {count} refused", resumen.rechazadas);
    for cadena in &resumen.cadenas {
        for sede in &cadena.sedes {
            assert!((0.60..0.85).contains(&sede.ocupacion()), "{} {}", sede.codigo, sede.ocupacion());
            assert!((0.05..0.10).contains(&sede.inasistencia()), "{} {}", sede.codigo, sede.inasistencia());
        }
    }
    // and every appointment lies in a plan of its vet, on a day on which the sede works,
    let fits = "exists (select from planes_medicos p where p.sede_id = c.sede_id and p.medico_id = c.medico_id
        and p.dia = extract(isodow from c.inicio at time zone s.zona_horaria) and p.desde <= (c.ocupado_desde at time zone s.zona_horaria)::time
        and p.hasta >= (c.ocupado_hasta at time zone s.zona_horaria)::time)";
    let holiday = "not s.atiende_feriados and exists (select from feriados f where f.fecha = (c.inicio at time zone s.zona_horaria)::date)";
    let wrong = format!("select count(*) from citas c join sedes s on s.id = c.sede_id where not {fits} or {holiday}");
    assert_eq!(huella.scalar::<i64>(&wrong).await, 0);
    // and the occupation is what plans and appointments say when somebody else counts,
    let planned = "select sum(extract(epoch from p.hasta - p.desde)) from planes_medicos p join sedes s on s.id = p.sede_id
        join tenants t on t.id = p.tenant_id, generate_series(date '2025-12-02', date '2026-04-01', '1 day') d
        where t.clave = 'andes' and p.dia = extract(isodow from d) and (s.atiende_feriados or d::date not in (select fecha from feriados))";
    let booked = "select sum(extract(epoch from c.ocupado_hasta - c.ocupado_desde)) from citas c join tenants t on t.id = c.tenant_id
        where t.clave = 'andes' and c.estado <> 'anulada'";
    let share: f64 = huella.scalar(&format!("select (({booked}) / ({planned}))::float8")).await;
    assert!((share - resumen.cadenas[0].ocupacion()).abs() < 0.001, "{share} {}", resumen.cadenas[0].ocupacion());
    // and who kept an appointment came, was seen and left, in that order and not in the future,
    let kept: i64 = huella.scalar("select count(*) from citas where estado = 'terminada'").await;
    let visits: i64 = huella.scalar("select count(*) from visitas where fin_en is not null and consulta_en is not null").await;
    assert!(visits * 100 > kept * 95, "{visits} of {kept}");
    let wrong =
        "select count(*) from visitas where not (llegada_en < consulta_en and consulta_en < consulta_fin_en and consulta_fin_en < fin_en)";
    assert_eq!(huella.scalar::<i64>(wrong).await, 0);
    // and people complained and asked about their data,
    for (table, each) in [("reclamos", 4), ("solicitudes_datos", 4)] {
        assert_eq!(huella.scalar::<i64>(&format!("select count(*) from {table}")).await, 2 * each, "{table}");
    }
    // and some sedes let owners book themselves,
    assert_eq!(huella.scalar::<i64>("select count(*) from autoreserva_ajustes where activa").await, 4);
    // and a second start changes nothing.
    let again = load(&huella).await;
    assert_eq!((again.segundos, again.rechazadas), (0.0, 0));
    assert_eq!(again.to_string(), resumen.to_string());
    // Nothing was left half done, so nothing is deleted; asked to, it takes its own chains and no other.
    let (system, admin) = (huella.parts.system(), huella.sql.connect_options());
    assert!(limpiar(&system, &admin, false).await.expect("looked").is_empty());
    assert_eq!(limpiar(&system, &admin, true).await.expect("deleted"), CADENAS);
    assert!(!hay(&system).await.expect("looked"));
    for table in ["usuarios", "mascotas", "auditoria", "outbox"] {
        let left = format!("select count(*) from {table} where tenant_id not in (select id from tenants)");
        assert_eq!(huella.scalar::<i64>(&left).await, 0, "{table}");
    }
    huella.como(huella_tests::andina::RECEPCION_LIMA).await.get("/sesiones").await.ok();
}
