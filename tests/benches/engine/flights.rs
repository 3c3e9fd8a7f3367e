//! Records like those of the flights of 2013: JSON objects of about 430 bytes, in batches of about 50, one an hour.

use std::fmt::Write as _;

/// One record to put.
pub(crate) struct Flight {
    pub(crate) key: String,
    pub(crate) data: String,
}

/// SplitMix64: the same flights on every machine.
struct Numbers(u64);

impl Numbers {
    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

/// `hours` batches, a quarter of them small as at night.
pub(crate) fn batches(hours: u64) -> Vec<Vec<Flight>> {
    let mut numbers = Numbers(2013);
    (0..hours)
        .map(|hour| {
            let flights = if numbers.below(4) == 0 { 1 + numbers.below(20) } else { 40 + numbers.below(45) };
            (0..flights).map(|_| flight(&mut numbers, hour)).collect()
        })
        .collect()
}

/// How many flights there are.
pub(crate) fn count(batches: &[Vec<Flight>]) -> usize {
    batches.iter().map(Vec::len).sum()
}

/// How many bytes their records have.
pub(crate) fn bytes(batches: &[Vec<Flight>]) -> usize {
    batches.iter().flatten().map(|flight| flight.data.len()).sum()
}

fn flight(numbers: &mut Numbers, hours: u64) -> Flight {
    const CARRIERS: [&str; 8] = ["UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E"];
    const ORIGINS: [&str; 3] = ["EWR", "JFK", "LGA"];
    const DESTINATIONS: [&str; 12] =
        ["ORD", "ATL", "LAX", "BOS", "MCO", "CLT", "SFO", "FLL", "MIA", "DCA", "DTW", "DFW"];
    let key = match numbers.below(134) {
        0 => "NA".to_owned(),
        _ => {
            let plane = numbers.below(4043);
            format!(
                "N{}{}{}",
                100 + plane % 900,
                (b'A' + (plane % 24) as u8) as char,
                (b'A' + (plane / 200) as u8) as char
            )
        }
    };
    let (month, day, hour) = (1 + hours / 720 % 12, 1 + hours / 24 % 28, hours % 24);
    let minute = numbers.below(60);
    let scheduled = hour * 100 + minute;
    let delay = numbers.below(50) as i64 - 10;
    let air_time = 30 + numbers.below(330);
    let arrival = (hour + air_time / 60) % 24 * 100 + numbers.below(60);
    let mut data = String::with_capacity(450);
    let _ = write!(
        data,
        r#"{{"year":"2013","month":"{month}","day":"{day}","dep_time":"{}","sched_dep_time":"{scheduled}","dep_delay":"{delay}","arr_time":"{}","sched_arr_time":"{arrival}","arr_delay":"{}","carrier":"{}","flight":"{}","tailnum":"{key}","origin":"{}","dest":"{}","air_time":"{air_time}","distance":"{}","hour":"{hour}","minute":"{minute}","time_hour":"2013-{month:02}-{day:02}T{hour:02}:00:00Z"}}"#,
        scheduled as i64 + delay,
        arrival + numbers.below(60),
        numbers.below(80) as i64 - 30,
        CARRIERS[numbers.below(8) as usize],
        1 + numbers.below(6000),
        ORIGINS[numbers.below(3) as usize],
        DESTINATIONS[numbers.below(12) as usize],
        air_time * 7,
    );
    data.push('\n');
    Flight { key, data }
}
