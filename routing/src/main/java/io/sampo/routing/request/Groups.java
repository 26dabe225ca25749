package io.sampo.routing.request;

import io.sampo.actors.catalog.Catalog.GroupReply;
import io.sampo.actors.catalog.CatalogView;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.routing.request.SharedAsk.Receiver;
import java.util.Collection;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Consumer groups by name: from this node's copy of the catalog, or made there. Any thread. */
final class Groups {
  private final CatalogView view;
  private final SharedAsk<String, GroupReply> lookUps;
  private final SharedAsk<String, GroupReply> creations;

  /**
   * @param waitingMax requests that may wait for the catalog
   */
  Groups(CatalogView view, int waitingMax) {
    this.view = view;
    this.lookUps = new SharedAsk<>(waitingMax);
    this.creations = new SharedAsk<>(waitingMax);
  }

  /** The group, or null when this node doesn't know it. */
  @Nullable SubscriptionGroupConfig known(String name) {
    return view.group(name);
  }

  /** All that this node knows, in no order. */
  Collection<SubscriptionGroupConfig> all() {
    return view.groups();
  }

  /** The newest revision of the catalog that this node has anything of. */
  long revision() {
    return view.revision();
  }

  /** Asks the catalog. */
  void lookUp(String name, Receiver<GroupReply> receiver) {
    lookUps.ask(name, () -> view.lookUpGroup(name), receiver);
  }

  /** Creates or replaces the group; the receiver gets null when the catalog is silent. */
  void put(SubscriptionGroupConfig group, Receiver<GroupReply> receiver) {
    answer(view.putGroup(group), receiver);
  }

  /** Deletes the group; the receiver gets null when the catalog is silent. */
  void delete(String name, Receiver<GroupReply> receiver) {
    answer(view.deleteGroup(name), receiver);
  }

  private static void answer(CompletionStage<GroupReply> asked, Receiver<GroupReply> receiver) {
    var unused = asked.whenComplete((reply, failure) -> receiver.onAnswer(reply));
  }

  /** Creates the group with defaults unless it is there. */
  void ensure(String name, SharedAsk.Receiver<GroupReply> receiver) {
    creations.ask(
        name, () -> view.ensureGroup(SubscriptionGroupConfig.withDefaults(name)), receiver);
  }
}
