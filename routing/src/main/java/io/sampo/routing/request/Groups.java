package io.sampo.routing.request;

import io.sampo.actors.catalog.Catalog.GroupReply;
import io.sampo.actors.catalog.CatalogView;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import org.jspecify.annotations.Nullable;

/** Consumer groups by name: from this node's copy of the catalog, or made there. Any thread. */
final class Groups {
  private final CatalogView view;
  private final SharedAsk<String, GroupReply> creations;

  /**
   * @param waitingMax requests that may wait for the catalog
   */
  Groups(CatalogView view, int waitingMax) {
    this.view = view;
    this.creations = new SharedAsk<>(waitingMax);
  }

  /** The group, or null when this node doesn't know it. */
  @Nullable SubscriptionGroupConfig known(String name) {
    return view.group(name);
  }

  /** Creates the group with defaults unless it is there. */
  void ensure(String name, SharedAsk.Receiver<GroupReply> receiver) {
    creations.ask(
        name, () -> view.ensureGroup(SubscriptionGroupConfig.withDefaults(name)), receiver);
  }
}
