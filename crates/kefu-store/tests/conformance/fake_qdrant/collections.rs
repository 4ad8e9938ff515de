use qdrant_client::qdrant::collections_server::Collections;
use qdrant_client::qdrant::{
    CollectionConfig, CollectionExists, CollectionExistsRequest, CollectionExistsResponse,
    CollectionInfo, CollectionOperationResponse, CollectionParams, CreateCollection,
    DeleteCollection, GetCollectionInfoRequest, GetCollectionInfoResponse,
};
use tonic::{Request, Response, Status};

use super::collection::Collection;
use super::service;

service!(Collections {
    async fn create(
        &self,
        request: Request<CreateCollection>,
    ) -> Result<Response<CollectionOperationResponse>, Status> {
        self.wait().await;
        let request = request.into_inner();
        let mut collections = self.collections.lock().unwrap();
        let name = request.collection_name.clone();
        if collections.contains_key(&name) {
            return Err(Status::invalid_argument(format!("Collection `{name}` already exists!")));
        }
        collections.insert(name, Collection::new(request)?);
        Ok(Response::new(CollectionOperationResponse { result: true, time: 0.0 }))
    }

    async fn collection_exists(
        &self,
        request: Request<CollectionExistsRequest>,
    ) -> Result<Response<CollectionExistsResponse>, Status> {
        self.wait().await;
        let name = request.into_inner().collection_name;
        let exists = self.collections.lock().unwrap().contains_key(&name);
        let result = Some(CollectionExists { exists });
        Ok(Response::new(CollectionExistsResponse { result, time: 0.0 }))
    }

    async fn delete(
        &self,
        request: Request<DeleteCollection>,
    ) -> Result<Response<CollectionOperationResponse>, Status> {
        self.wait().await;
        let name = request.into_inner().collection_name;
        let result = self.collections.lock().unwrap().remove(&name).is_some();
        Ok(Response::new(CollectionOperationResponse { result, time: 0.0 }))
    }

    async fn get(
        &self,
        request: Request<GetCollectionInfoRequest>,
    ) -> Result<Response<GetCollectionInfoResponse>, Status> {
        let name = request.into_inner().collection_name;
        self.answer(&name, |collection| {
            let made = &collection.made;
            let params = CollectionParams {
                vectors_config: made.vectors_config.clone(),
                sparse_vectors_config: made.sparse_vectors_config.clone(),
                ..CollectionParams::default()
            };
            let config = CollectionConfig { params: Some(params), ..CollectionConfig::default() };
            let result = CollectionInfo { config: Some(config), ..CollectionInfo::default() };
            Ok(GetCollectionInfoResponse { result: Some(result), time: 0.0 })
        })
        .await
    }
} unused {
    list: ListCollectionsRequest -> ListCollectionsResponse,
    update: UpdateCollection -> CollectionOperationResponse,
    update_aliases: ChangeAliases -> CollectionOperationResponse,
    list_collection_aliases: ListCollectionAliasesRequest -> ListAliasesResponse,
    list_aliases: ListAliasesRequest -> ListAliasesResponse,
    collection_cluster_info: CollectionClusterInfoRequest -> CollectionClusterInfoResponse,
    update_collection_cluster_setup: UpdateCollectionClusterSetupRequest -> UpdateCollectionClusterSetupResponse,
    create_shard_key: CreateShardKeyRequest -> CreateShardKeyResponse,
    delete_shard_key: DeleteShardKeyRequest -> DeleteShardKeyResponse,
    list_shard_keys: ListShardKeysRequest -> ListShardKeysResponse,
});
