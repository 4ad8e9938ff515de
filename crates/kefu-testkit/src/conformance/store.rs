//! The store suite: what every [`VectorStore`] does, in the words of the port.
//!
//! Every case opens a collection of its own name, so an adapter may hand out new stores or the
//! same server each time.

use std::sync::Arc;

use kefu_core::ports::VectorStore;

mod audiences;
mod collections;
mod dense;
mod fixture;
mod lexical;
mod oracle;
mod releases;
mod tenants;
mod writes;

/// Runs every case against stores that `make` hands out, one per case.
///
/// # Panics
/// When the store breaks a promise of the port.
pub async fn run<Made>(make: impl Fn() -> Made)
where
    Made: Future<Output = Arc<dyn VectorStore>>,
{
    collections::are_empty_until_marked_complete(make().await).await;
    collections::are_refused_when_bad_or_unknown(make().await).await;
    collections::do_not_share_points(make().await).await;
    collections::can_be_discarded(make().await).await;
    releases::bound_what_is_visible(make().await).await;
    releases::end_and_open_again(make().await).await;
    releases::can_be_read_back_page_by_page(make().await).await;
    tenants::never_meet(make().await).await;
    audiences::decide_what_is_read(make().await).await;
    audiences::documents_narrow_a_query(make().await).await;
    dense::ranks_by_cosine(make().await).await;
    dense::refuses_bad_vectors(make().await).await;
    dense::is_missing_from_lexical_collections(make().await).await;
    dense::ties_and_limits(make().await).await;
    lexical::weighs_rare_terms_higher(make().await).await;
    lexical::finds_only_shared_terms(make().await).await;
    lexical::ties_and_limits(make().await).await;
    writes::replace_what_was_there(make().await).await;
    writes::remove_for_good(make().await).await;
    writes::happen_whole_or_not_at_all(make().await).await;
    writes::run_beside_queries(make().await).await;
    oracle::agrees_with_memory(make().await).await;
    collections::refuse_work_once_closed(make().await).await;
}
