//! Names of pets and people by number: popular ones are popular, as in life.

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
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Both surnames of a person.
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
