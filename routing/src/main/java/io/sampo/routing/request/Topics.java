package io.sampo.routing.request;

import io.sampo.actors.catalog.Catalog.TopicFound;
import io.sampo.actors.catalog.Catalog.TopicReply;
import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.CatalogView;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.routing.net.Exchange;
import io.sampo.routing.request.SharedAsk.Receiver;
import io.sampo.wire.ResponseCode;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
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

  /** Goes on with a topic; a request about one that doesn't exist is answered. */
  void with(Exchange request, String name, Consumer<TopicConfig> step) {
    TopicConfig topic = known(name);
    if (topic != null) {
      step.accept(topic);
    } else {
      find(request, name, step);
    }
  }

  /** The same for a topic that this node doesn't know. */
  void find(Exchange request, String name, Consumer<TopicConfig> step) {
    String problem = CatalogRules.topicNameRefusal(name);
    if (problem != null) {
      request.answer(ResponseCode.TOPIC_NOT_EXIST, problem);
      return;
    }
    lookUp(
        name,
        reply -> {
          if (reply instanceof TopicFound found) {
            step.accept(found.topic());
          } else if (reply == null) {
            Refusals.CATALOG_SILENT.answer(request);
          } else {
            request.answer(ResponseCode.TOPIC_NOT_EXIST, "the topic " + name + " does not exist");
          }
        });
  }

  /** All that this node knows, in no order. */
  Collection<TopicConfig> all() {
    return view.topics();
  }

  /** The newest revision of the catalog that this node has anything of. */
  long revision() {
    return view.revision();
  }

  /** Creates or replaces the topic; the receiver gets null when the catalog is silent. */
  void put(TopicConfig topic, Set<String> attributesRemoved, Receiver<TopicReply> receiver) {
    answer(view.putTopic(topic, attributesRemoved), receiver);
  }

  /** Deletes the topic; the receiver gets null when the catalog is silent. */
  void delete(String name, Receiver<TopicReply> receiver) {
    answer(view.deleteTopic(name), receiver);
  }

  private static void answer(CompletionStage<TopicReply> asked, Receiver<TopicReply> receiver) {
    var unused = asked.whenComplete((reply, failure) -> receiver.onAnswer(reply));
  }

  /** Creates the topic unless it is there. */
  void create(TopicConfig wanted, SharedAsk.Receiver<TopicReply> receiver) {
    creations.ask(wanted.name(), () -> view.ensureTopic(wanted), receiver);
  }
}
