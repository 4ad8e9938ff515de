//! Making and reading collections.

use kefu_core::StoreError;
use kefu_core::ports::CollectionSpec;
use qdrant_client::Qdrant;
use qdrant_client::qdrant::vectors_config::Config;
use qdrant_client::qdrant::{
    CreateCollectionBuilder, CreateFieldIndexCollectionBuilder, Distance, FieldType,
    IntegerIndexParamsBuilder, KeywordIndexParamsBuilder, Modifier, SparseVectorParamsBuilder,
    SparseVectorsConfigBuilder, VectorParamsBuilder, VectorsConfigBuilder,
};

use super::{QdrantSettings, wire};
use crate::points::{DENSE, KEYWORDS, LEXICAL, NUMBERS, TENANT};

/// Makes the collection and its payload indexes where they are missing.
pub(super) async fn ensure(
    client: &Qdrant,
    spec: &CollectionSpec,
    settings: &QdrantSettings,
) -> Result<(), StoreError> {
    let name = spec.name.as_str();
    if !exists(client, name).await? {
        let made = client.create_collection(collection(spec, settings)).await;
        // Another process may have been quicker.
        if let Err(error) = made
            && !exists(client, name).await?
        {
            return Err(wire::error(name)(error));
        }
    }
    for field in KEYWORDS {
        let params = KeywordIndexParamsBuilder::default().is_tenant(field == TENANT);
        let index = CreateFieldIndexCollectionBuilder::new(name, field, FieldType::Keyword)
            .field_index_params(params)
            .wait(true);
        client.create_field_index(index).await.map_err(wire::error(name))?;
    }
    for field in NUMBERS {
        let index = CreateFieldIndexCollectionBuilder::new(name, field, FieldType::Integer)
            .field_index_params(IntegerIndexParamsBuilder::new(false, true))
            .wait(true);
        client.create_field_index(index).await.map_err(wire::error(name))?;
    }
    Ok(())
}

/// Length of the dense vectors of a collection; `None` when it has none.
pub(super) async fn dimensions(
    client: &Qdrant,
    collection: &str,
) -> Result<Option<usize>, StoreError> {
    let info = client.collection_info(collection).await.map_err(wire::error(collection))?;
    let params = info.result.and_then(|info| info.config).and_then(|config| config.params);
    let dense = match params.and_then(|params| params.vectors_config).and_then(|v| v.config) {
        Some(Config::ParamsMap(map)) => map.map.get(DENSE).map(|params| params.size),
        Some(Config::Params(_)) | None => None,
    };
    dense
        .map(|size| {
            usize::try_from(size).map_err(|_| StoreError::Failed {
                detail: format!("collection {collection} claims {size} dimensions"),
            })
        })
        .transpose()
}

async fn exists(client: &Qdrant, name: &str) -> Result<bool, StoreError> {
    client.collection_exists(name).await.map_err(wire::error(name))
}

fn collection(spec: &CollectionSpec, settings: &QdrantSettings) -> CreateCollectionBuilder {
    let mut sparse = SparseVectorsConfigBuilder::default();
    let terms = SparseVectorParamsBuilder::default().modifier(Modifier::Idf);
    sparse.add_named_vector_params(LEXICAL, terms);
    let mut builder = CreateCollectionBuilder::new(&spec.name)
        .sparse_vectors_config(sparse)
        .shard_number(settings.n_shards)
        .replication_factor(settings.n_replicas)
        .on_disk_payload(true);
    if let Some(size) = spec.dimensions {
        let mut dense = VectorsConfigBuilder::default();
        dense.add_named_vector_params(
            DENSE,
            VectorParamsBuilder::new(size as u64, Distance::Cosine),
        );
        builder = builder.vectors_config(dense);
    }
    builder
}
