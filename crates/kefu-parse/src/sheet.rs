//! Workbooks through `calamine`: a heading and tables for every visible sheet.

mod dates;
mod layout;
mod show;

use std::io::Cursor;

use calamine::{Data, DataRef, Ods, Reader, Sheet, SheetType, SheetVisible, Xls, Xlsb, Xlsx};

use crate::archive::Archive;
use crate::error::ParseError;
use crate::limits::Limits;
use crate::parsed::Parsed;
use crate::writer::Writer;
use layout::{Cell, Grid};

/// The family of a workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workbook {
    /// Office Open XML.
    Xlsx,
    /// Its binary form.
    Xlsb,
    /// The format before.
    Xls,
    /// OpenDocument.
    Ods,
}

pub(crate) fn parse(bytes: &[u8], kind: Workbook, limits: &Limits) -> Result<Parsed, ParseError> {
    if kind != Workbook::Xls {
        Archive::open(bytes, limits)?;
    }
    let input = Cursor::new(bytes);
    let mut out = Output { writer: Writer::new(limits), hidden: Vec::new(), limits };
    match kind {
        Workbook::Xlsx => {
            let mut book = Xlsx::new(input).map_err(|e| of_xlsx(&e))?;
            for sheet in out.visible(book.sheets_metadata())? {
                let grid = read_xlsx(&mut book, &sheet, limits)?;
                out.sheet(&sheet, grid);
            }
        }
        Workbook::Xlsb => out.others(Xlsb::new(input).map_err(broken)?)?,
        Workbook::Xls => out.others(Xls::new(input).map_err(|e| match e {
            calamine::XlsError::Password => ParseError::PasswordRequired,
            other => broken(other),
        })?)?,
        Workbook::Ods => out.others(Ods::new(input).map_err(|e| match e {
            calamine::OdsError::Password => ParseError::PasswordRequired,
            other => broken(other),
        })?)?,
    }
    let mut parsed = out.writer.finish()?;
    if !out.hidden.is_empty() {
        parsed.notes.push(format!("hidden sheets are left out: {}", out.hidden.join(", ")));
    }
    Ok(parsed)
}

struct Output<'a> {
    writer: Writer,
    hidden: Vec<String>,
    limits: &'a Limits,
}

impl Output<'_> {
    /// Names of the sheets that a person sees; the others go to the notes.
    fn visible(&mut self, sheets: &[Sheet]) -> Result<Vec<String>, ParseError> {
        if sheets.len() > self.limits.max_pages {
            return Err(ParseError::TooMany { what: "sheets", limit: self.limits.max_pages });
        }
        let tables = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let (shown, hidden): (Vec<_>, Vec<_>) =
            tables.partition(|sheet| sheet.visible == SheetVisible::Visible);
        self.hidden.extend(hidden.iter().map(|sheet| sheet.name.clone()));
        Ok(shown.iter().map(|sheet| sheet.name.clone()).collect())
    }

    fn sheet(&mut self, name: &str, grid: Grid) {
        if !grid.is_empty() {
            self.writer.heading(2, name);
            layout::write(grid, &mut self.writer);
        }
    }

    fn others<'a, R>(&mut self, mut book: R) -> Result<(), ParseError>
    where
        R: Reader<Cursor<&'a [u8]>>,
        R::Error: std::fmt::Display,
    {
        for sheet in self.visible(book.sheets_metadata())? {
            let range = book.worksheet_range(&sheet).map_err(broken)?;
            let start = range.start().unwrap_or_default();
            let mut grid = Grid::new(self.limits);
            for (row, column, value) in range.used_cells() {
                let cell = cell_of_data(value);
                grid.push(start.0.saturating_add(row as u32), start.1 + column as u32, cell)?;
            }
            self.sheet(&sheet, grid);
        }
        Ok(())
    }
}

/// Cell by cell, so that what a sheet declares as its size costs nothing.
fn read_xlsx(
    book: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    limits: &Limits,
) -> Result<Grid, ParseError> {
    let styles = book.worksheet_style(sheet).map_err(|e| of_xlsx(&e))?;
    let mut cells = book.worksheet_cells_reader(sheet).map_err(|e| of_xlsx(&e))?;
    let mut grid = Grid::new(limits);
    while let Some(cell) = cells.next_cell().map_err(|e| of_xlsx(&e))? {
        let position = cell.get_position();
        let format = styles.get(position).and_then(|style| style.number_format.as_ref());
        let format = format.map(|f| (f.format_code.as_str(), f.format_id));
        grid.push(position.0, position.1, cell_of(cell.get_value(), format))?;
    }
    Ok(grid)
}

type Format<'a> = Option<(&'a str, Option<u32>)>;

fn cell_of(value: &DataRef<'_>, format: Format<'_>) -> Cell {
    let code = format.map_or("General", |(code, _)| code);
    match value {
        DataRef::Empty => Cell::words(String::new()),
        DataRef::String(words) => Cell::words(words.clone()),
        DataRef::SharedString(words) => Cell::words((*words).to_owned()),
        DataRef::Int(number) => Cell::number(show::number(*number as f64, code)),
        DataRef::Float(number) => Cell::number(show::number(*number, code)),
        DataRef::Bool(value) => Cell::words(if *value { "TRUE" } else { "FALSE" }.to_owned()),
        DataRef::DateTime(moment) => {
            // The built-in short forms mean another order of day and month in every country.
            let is_local = format.and_then(|(_, id)| id).is_some_and(|id| matches!(id, 14 | 22));
            let code = Some(code).filter(|_| !is_local && code != "General");
            Cell::number(dates::moment(moment, code))
        }
        DataRef::DateTimeIso(moment) | DataRef::DurationIso(moment) => {
            Cell::number(moment.replace('T', " ").trim_end_matches(" 00:00:00").to_owned())
        }
        DataRef::Error(error) => Cell::words(error.to_string()),
    }
}

fn cell_of_data(value: &Data) -> Cell {
    match value {
        Data::Empty => Cell::words(String::new()),
        Data::String(words) => Cell::words(words.clone()),
        Data::Int(number) => Cell::number(number.to_string()),
        Data::Float(number) => Cell::number(show::number(*number, "General")),
        Data::Bool(value) => cell_of(&DataRef::Bool(*value), None),
        Data::DateTime(moment) => Cell::number(dates::moment(moment, None)),
        Data::DateTimeIso(moment) | Data::DurationIso(moment) => {
            cell_of(&DataRef::DateTimeIso(moment.clone()), None)
        }
        Data::Error(error) => Cell::words(error.to_string()),
    }
}

fn of_xlsx(error: &calamine::XlsxError) -> ParseError {
    match error {
        calamine::XlsxError::Password => ParseError::PasswordRequired,
        other => ParseError::broken(other),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in for closures that take errors")]
fn broken(error: impl std::fmt::Display) -> ParseError {
    ParseError::broken(error)
}
