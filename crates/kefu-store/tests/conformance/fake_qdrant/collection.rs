use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use qdrant_client::qdrant::condition::ConditionOneOf;
use qdrant_client::qdrant::r#match::MatchValue;
use qdrant_client::qdrant::point_id::PointIdOptions;
use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::vectors::VectorsOptions;
use qdrant_client::qdrant::vectors_config::Config;
use qdrant_client::qdrant::{
    Condition, CreateCollection, Distance, FieldCondition, Filter, Modifier, PointId, PointStruct,
    QueryPoints, ScoredPoint, SparseVector, Value, Vector, query, vector, vector_input,
};
use tonic::Status;

/// A vector's score; `None` when it is no hit at all.
type Score = Box<dyn Fn(&Vector) -> Option<f32>>;

/// One collection as the server would keep it.
pub(super) struct Collection {
    pub(super) made: CreateCollection,
    pub(super) points: BTreeMap<String, PointStruct>,
    pub(super) indexed: HashSet<String>,
    dense: HashMap<String, usize>,
    sparse: HashSet<String>,
}

impl Collection {
    pub(super) fn new(made: CreateCollection) -> Result<Self, Status> {
        let mut dense = HashMap::new();
        match made.vectors_config.as_ref().and_then(|config| config.config.as_ref()) {
            Some(Config::ParamsMap(map)) => {
                for (name, params) in &map.map {
                    if params.distance() != Distance::Cosine {
                        return Err(Status::unimplemented("a distance other than cosine"));
                    }
                    dense.insert(name.clone(), usize::try_from(params.size).unwrap());
                }
            }
            Some(Config::Params(_)) => return Err(Status::unimplemented("unnamed vectors")),
            None => {}
        }
        let mut sparse = HashSet::new();
        for (name, params) in made.sparse_vectors_config.iter().flat_map(|config| &config.map) {
            if params.modifier() != Modifier::Idf {
                return Err(Status::unimplemented("sparse vectors without IDF"));
            }
            sparse.insert(name.clone());
        }
        Ok(Self { made, points: BTreeMap::new(), indexed: HashSet::new(), dense, sparse })
    }

    pub(super) fn upsert(&mut self, points: Vec<PointStruct>) -> Result<(), Status> {
        for point in &points {
            for (name, vector) in named(point)? {
                match &vector.vector {
                    Some(vector::Vector::Dense(dense)) => self.check_dense(name, &dense.data)?,
                    Some(vector::Vector::Sparse(_)) if self.sparse.contains(name) => {}
                    _ => return Err(Status::invalid_argument(format!("bad vector {name}"))),
                }
            }
        }
        for point in points {
            let id = point.id.as_ref().ok_or_else(|| Status::invalid_argument("no id"))?;
            self.points.insert(key(id), point);
        }
        Ok(())
    }

    /// Keys of the points that a filter lets through.
    pub(super) fn matching(&self, filter: &Filter) -> Result<Vec<String>, Status> {
        if !filter.should.is_empty() || filter.min_should.is_some() {
            return Err(Status::unimplemented("a filter of other than `must` and `must_not`"));
        }
        let mut found = Vec::new();
        for (id, point) in &self.points {
            let mut holds = true;
            for condition in &filter.must {
                holds &= self.holds(condition, id, point)?;
            }
            for condition in &filter.must_not {
                holds &= !self.holds(condition, id, point)?;
            }
            if holds {
                found.push(id.clone());
            }
        }
        Ok(found)
    }

    pub(super) fn query(&self, request: QueryPoints) -> Result<Vec<ScoredPoint>, Status> {
        let name = request.using.unwrap_or_default();
        let nearest = match request.query.and_then(|query| query.variant) {
            Some(query::Variant::Nearest(input)) => input.variant,
            _ => return Err(Status::unimplemented("a query other than nearest")),
        };
        let score: Score = match nearest {
            Some(vector_input::Variant::Dense(wanted)) => {
                self.check_dense(&name, &wanted.data)?;
                Box::new(move |vector| match &vector.vector {
                    Some(vector::Vector::Dense(dense)) => Some(cosine(&wanted.data, &dense.data)),
                    _ => None,
                })
            }
            Some(vector_input::Variant::Sparse(wanted)) if self.sparse.contains(&name) => {
                let weights = self.weigh(&name, &wanted)?;
                Box::new(move |vector| match &vector.vector {
                    Some(vector::Vector::Sparse(sparse)) => dot(&weights, sparse),
                    _ => None,
                })
            }
            _ => return Err(Status::invalid_argument(format!("Not existing vector name {name}"))),
        };
        let mut found = Vec::new();
        for id in self.matching(&request.filter.unwrap_or_default())? {
            let point = &self.points[&id];
            if let Some(score) = named(point)?.get(&name).and_then(&score) {
                found.push(ScoredPoint { id: point.id.clone(), score, ..ScoredPoint::default() });
            }
        }
        // Ties backwards.
        let id = |point: &ScoredPoint| Reverse(point.id.as_ref().map(key));
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| id(a).cmp(&id(b))));
        found.truncate(usize::try_from(request.limit.unwrap_or(10)).unwrap());
        Ok(found)
    }

    fn check_dense(&self, name: &str, vector: &[f32]) -> Result<(), Status> {
        match self.dense.get(name) {
            Some(size) if *size == vector.len() => Ok(()),
            Some(_) => Err(Status::invalid_argument("Vector dimension error")),
            None => Err(Status::invalid_argument(format!("Not existing vector name {name}"))),
        }
    }

    fn holds(&self, condition: &Condition, id: &str, point: &PointStruct) -> Result<bool, Status> {
        match condition.condition_one_of.as_ref() {
            Some(ConditionOneOf::HasId(wanted)) => {
                Ok(wanted.has_id.iter().any(|wanted| key(wanted) == id))
            }
            Some(ConditionOneOf::Field(field)) if self.indexed.contains(&field.key) => {
                Ok(point.payload.get(&field.key).is_some_and(|value| field_holds(field, value)))
            }
            Some(ConditionOneOf::Field(field)) => {
                Err(Status::invalid_argument(format!("Index required for {}", field.key)))
            }
            _ => Err(Status::unimplemented("another condition")),
        }
    }

    fn weigh(&self, name: &str, wanted: &SparseVector) -> Result<HashMap<u32, f32>, Status> {
        let mut n_points = 0.0_f32;
        let mut n_with: HashMap<u32, f32> = HashMap::new();
        for point in self.points.values() {
            let vectors = named(point)?;
            let Some(Some(vector::Vector::Sparse(sparse))) = vectors.get(name).map(|v| &v.vector)
            else {
                continue;
            };
            n_points += 1.0;
            for term in &sparse.indices {
                *n_with.entry(*term).or_default() += 1.0;
            }
        }
        let weigh = |(term, weight): (&u32, &f32)| {
            let df = n_with.get(term).copied().unwrap_or_default();
            (*term, weight * ((n_points - df + 0.5) / (df + 0.5) + 1.0).ln())
        };
        Ok(wanted.indices.iter().zip(&wanted.values).map(weigh).collect())
    }
}

pub(super) fn key(id: &PointId) -> String {
    match &id.point_id_options {
        Some(PointIdOptions::Uuid(text)) => text.clone(),
        Some(PointIdOptions::Num(number)) => number.to_string(),
        None => String::new(),
    }
}

fn named(point: &PointStruct) -> Result<&HashMap<String, Vector>, Status> {
    match point.vectors.as_ref().and_then(|vectors| vectors.vectors_options.as_ref()) {
        Some(VectorsOptions::Vectors(named)) => Ok(&named.vectors),
        _ => Err(Status::invalid_argument("Expected some vectors")),
    }
}

fn field_holds(field: &FieldCondition, value: &Value) -> bool {
    let matches = field.r#match.as_ref().is_none_or(|wanted| match &wanted.match_value {
        Some(MatchValue::Keywords(words)) => {
            let word = |value: &Value| match &value.kind {
                Some(Kind::StringValue(text)) => words.strings.contains(text),
                _ => false,
            };
            match &value.kind {
                Some(Kind::ListValue(list)) => list.values.iter().any(word),
                _ => word(value),
            }
        }
        _ => false,
    });
    let number = match &value.kind {
        Some(Kind::IntegerValue(number)) => Some(*number as f64),
        _ => None,
    };
    let in_range = field.range.as_ref().is_none_or(|range| {
        number.is_some_and(|n| {
            range.gt.is_none_or(|bound| n > bound)
                && range.gte.is_none_or(|bound| n >= bound)
                && range.lt.is_none_or(|bound| n < bound)
                && range.lte.is_none_or(|bound| n <= bound)
        })
    });
    matches && in_range
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn dot(weights: &HashMap<u32, f32>, sparse: &SparseVector) -> Option<f32> {
    let terms = sparse.indices.iter().zip(&sparse.values);
    let products: Vec<f32> =
        terms.filter_map(|(term, value)| weights.get(term).map(|w| w * value)).collect();
    (!products.is_empty()).then(|| products.iter().sum())
}
