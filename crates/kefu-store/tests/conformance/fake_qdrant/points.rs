use qdrant_client::qdrant::points_selector::PointsSelectorOneOf;
use qdrant_client::qdrant::points_server::Points;
use qdrant_client::qdrant::{
    CountPoints, CountResponse, CountResult, CreateFieldIndexCollection, DeletePoints, Filter,
    GetPoints, GetResponse, PointsOperationResponse, PointsSelector, QueryPoints, QueryResponse,
    RetrievedPoint, ScrollPoints, ScrollResponse, SetPayloadPoints, UpsertPoints,
};
use tonic::{Request, Response, Status};

use super::service;

service!(Points {
    async fn upsert(
        &self,
        request: Request<UpsertPoints>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        let request = request.into_inner();
        waits(request.wait)?;
        self.answer(&request.collection_name, |collection| {
            collection.upsert(request.points)?;
            Ok(PointsOperationResponse::default())
        })
        .await
    }

    async fn delete(
        &self,
        request: Request<DeletePoints>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        let request = request.into_inner();
        waits(request.wait)?;
        let filter = filter(request.points)?;
        self.answer(&request.collection_name, |collection| {
            for id in collection.matching(&filter)? {
                collection.points.remove(&id);
            }
            Ok(PointsOperationResponse::default())
        })
        .await
    }

    async fn set_payload(
        &self,
        request: Request<SetPayloadPoints>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        let request = request.into_inner();
        waits(request.wait)?;
        let filter = filter(request.points_selector)?;
        self.answer(&request.collection_name, |collection| {
            for id in collection.matching(&filter)? {
                if let Some(point) = collection.points.get_mut(&id) {
                    point.payload.extend(request.payload.clone());
                }
            }
            Ok(PointsOperationResponse::default())
        })
        .await
    }

    async fn create_field_index(
        &self,
        request: Request<CreateFieldIndexCollection>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        let request = request.into_inner();
        waits(request.wait)?;
        self.answer(&request.collection_name, |collection| {
            collection.indexed.insert(request.field_name);
            Ok(PointsOperationResponse::default())
        })
        .await
    }

    async fn get(&self, request: Request<GetPoints>) -> Result<Response<GetResponse>, Status> {
        let request = request.into_inner();
        self.answer(&request.collection_name, |collection| {
            let known = |id| collection.points.contains_key(&super::collection::key(id));
            let found = request.ids.iter().filter(|id| known(id));
            let result = found
                .map(|id| RetrievedPoint { id: Some(id.clone()), ..RetrievedPoint::default() })
                .collect();
            Ok(GetResponse { result, ..GetResponse::default() })
        })
        .await
    }

    async fn scroll(
        &self,
        request: Request<ScrollPoints>,
    ) -> Result<Response<ScrollResponse>, Status> {
        let request = request.into_inner();
        let filter = request.filter.unwrap_or_default();
        let first = request.offset.as_ref().map(super::collection::key).unwrap_or_default();
        let limit = usize::try_from(request.limit.unwrap_or(10)).unwrap();
        self.answer(&request.collection_name, |collection| {
            let found = collection.matching(&filter)?.into_iter().filter(|id| *id >= first);
            let point = |id: String| {
                let point = &collection.points[&id];
                let (id, payload) = (point.id.clone(), point.payload.clone());
                RetrievedPoint { id, payload, ..RetrievedPoint::default() }
            };
            let result = found.take(limit).map(point).collect();
            Ok(ScrollResponse { result, ..ScrollResponse::default() })
        })
        .await
    }

    async fn count(
        &self,
        request: Request<CountPoints>,
    ) -> Result<Response<CountResponse>, Status> {
        let request = request.into_inner();
        let filter = request.filter.unwrap_or_default();
        self.answer(&request.collection_name, |collection| {
            let count = collection.matching(&filter)?.len() as u64;
            Ok(CountResponse { result: Some(CountResult { count }), ..CountResponse::default() })
        })
        .await
    }

    async fn query(
        &self,
        request: Request<QueryPoints>,
    ) -> Result<Response<QueryResponse>, Status> {
        let request = request.into_inner();
        self.answer(&request.collection_name.clone(), |collection| {
            Ok(QueryResponse { result: collection.query(request)?, ..QueryResponse::default() })
        })
        .await
    }
} unused {
    update_vectors: UpdatePointVectors -> PointsOperationResponse,
    delete_vectors: DeletePointVectors -> PointsOperationResponse,
    overwrite_payload: SetPayloadPoints -> PointsOperationResponse,
    delete_payload: DeletePayloadPoints -> PointsOperationResponse,
    clear_payload: ClearPayloadPoints -> PointsOperationResponse,
    delete_field_index: DeleteFieldIndexCollection -> PointsOperationResponse,
    create_vector_name: CreateVectorNameRequest -> PointsOperationResponse,
    delete_vector_name: DeleteVectorNameRequest -> PointsOperationResponse,
    search: SearchPoints -> SearchResponse,
    search_batch: SearchBatchPoints -> SearchBatchResponse,
    search_groups: SearchPointGroups -> SearchGroupsResponse,
    recommend: RecommendPoints -> RecommendResponse,
    recommend_batch: RecommendBatchPoints -> RecommendBatchResponse,
    recommend_groups: RecommendPointGroups -> RecommendGroupsResponse,
    discover: DiscoverPoints -> DiscoverResponse,
    discover_batch: DiscoverBatchPoints -> DiscoverBatchResponse,
    update_batch: UpdateBatchPoints -> UpdateBatchResponse,
    query_batch: QueryBatchPoints -> QueryBatchResponse,
    query_groups: QueryPointGroups -> QueryGroupsResponse,
    facet: FacetCounts -> FacetResponse,
    search_matrix_pairs: SearchMatrixPoints -> SearchMatrixPairsResponse,
    search_matrix_offsets: SearchMatrixPoints -> SearchMatrixOffsetsResponse,
});

/// An acknowledged write must have been applied.
fn waits(wait: Option<bool>) -> Result<(), Status> {
    match wait {
        Some(true) => Ok(()),
        _ => Err(Status::invalid_argument("a write that nobody waits for")),
    }
}

fn filter(selector: Option<PointsSelector>) -> Result<Filter, Status> {
    match selector.and_then(|selector| selector.points_selector_one_of) {
        Some(PointsSelectorOneOf::Filter(filter)) => Ok(filter),
        _ => Err(Status::unimplemented("a selector that is no filter")),
    }
}
