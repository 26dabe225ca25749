package io.sampo.routing.request;

import io.sampo.actors.catalog.Catalog.TopicReply;
import io.sampo.actors.catalog.CatalogView;
import io.sampo.actors.catalog.TopicConfig;
import org.jspecify.annotations.Nullable;

/**
 * Topics by name: from this node's copy of the catalog at once, or after asking the catalog. Any
 * thread.
 */
final class Topics {
  private final CatalogView view;
  private final SharedAsk<String, TopicReply> lookUps;
  private final SharedAsk<String, TopicReply> creations;

  /**
   * @param waitingMax requests that may wait for the catalog
   */
  Topics(CatalogView view, int waitingMax) {
    this.view = view;
    this.lookUps = new SharedAsk<>(waitingMax);
    this.creations = new SharedAsk<>(waitingMax);
  }

  /** The topic, or null when this node doesn't know it; then {@link #lookUp} does. */
  @Nullable TopicConfig known(String name) {
    return view.topic(name);
  }

  /**
   * As {@link #known}, for sends: a topic that is being created counts as unknown until those who
   * came before are served, so that nobody overtakes them.
   */
  @Nullable TopicConfig knownToSenders(String name) {
    return creations.isAsking(name) ? null : view.topic(name);
  }

  /** Asks the catalog. */
  void lookUp(String name, SharedAsk.Receiver<TopicReply> receiver) {
    lookUps.ask(name, () -> view.lookUpTopic(name), receiver);
  }

  /** Creates the topic unless it is there. */
  void create(TopicConfig wanted, SharedAsk.Receiver<TopicReply> receiver) {
    creations.ask(wanted.name(), () -> view.ensureTopic(wanted), receiver);
  }
}
