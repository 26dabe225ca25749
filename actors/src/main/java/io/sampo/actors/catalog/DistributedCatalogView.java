package io.sampo.actors.catalog;

import io.sampo.actors.catalog.Catalog.GroupFound;
import io.sampo.actors.catalog.Catalog.GroupGone;
import io.sampo.actors.catalog.Catalog.GroupReply;
import io.sampo.actors.catalog.Catalog.TopicFound;
import io.sampo.actors.catalog.Catalog.TopicGone;
import io.sampo.actors.catalog.Catalog.TopicReply;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.japi.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The node's copy of the catalog: reads from memory, asks the catalog where the copy isn't enough.
 * Used by any thread; nothing here waits.
 *
 * <p>Questions about one name share one answer while it is under way, and a node has no more than a
 * set number of them open; so many clients that start at once don't flood the catalog. A question
 * that comes while the catalog isn't known waits for it, within the time it has anyway.
 */
public final class DistributedCatalogView implements CatalogView {
  private final ActorSystem<?> system;
  private final CatalogSettings settings;
  private final CatalogCopy copy;

  private final ConcurrentMap<String, CompletableFuture<TopicReply>> topicLookUps =
      new ConcurrentHashMap<>();
  private final ConcurrentMap<String, CompletableFuture<TopicReply>> topicEnsures =
      new ConcurrentHashMap<>();
  private final ConcurrentMap<String, CompletableFuture<GroupReply>> groupLookUps =
      new ConcurrentHashMap<>();
  private final ConcurrentMap<String, CompletableFuture<GroupReply>> groupEnsures =
      new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();

  private final ConcurrentMap<Long, CompletableFuture<ActorRef<Catalog.Command>>>
      waitingForCatalog = new ConcurrentHashMap<>();
  private final AtomicLong tickets = new AtomicLong();
  private volatile @Nullable ActorRef<Catalog.Command> catalog;

  DistributedCatalogView(ActorSystem<?> system, CatalogSettings settings, CatalogCopy copy) {
    this.system = system;
    this.settings = settings;
    this.copy = copy;
  }

  /**
   * Starts a node's view, with an actor under the given one that feeds it from Distributed Data. It
   * must also be told where the catalog is, see {@link #catalogIs}.
   *
   * @param systemTopics what exists from the start, by name
   */
  public static DistributedCatalogView start(
      ActorContext<?> context,
      Supplier<Map<String, TopicConfig>> systemTopics,
      CatalogSettings settings) {
    CatalogCopy copy = new CatalogCopy(systemTopics);
    context.spawn(CatalogSubscription.create(copy), "catalog-subscription");
    return new DistributedCatalogView(context.getSystem(), settings, copy);
  }

  /** Says where the catalog is; null when that is not known. Any thread. */
  public void catalogIs(@Nullable ActorRef<Catalog.Command> actor) {
    catalog = actor;
    answerWaiting();
  }

  @Override
  public @Nullable TopicConfig topic(String name) {
    return copy.topic(name);
  }

  @Override
  public @Nullable SubscriptionGroupConfig group(String name) {
    return copy.group(name);
  }

  @Override
  public Collection<TopicConfig> topics() {
    return copy.topics();
  }

  @Override
  public Collection<SubscriptionGroupConfig> groups() {
    return copy.groups();
  }

  @Override
  public long revision() {
    return copy.revision();
  }

  @Override
  public CompletionStage<TopicReply> putTopic(TopicConfig topic, Set<String> attributesRemoved) {
    return taken(ask(replyTo -> new Catalog.PutTopic(topic, attributesRemoved, replyTo)));
  }

  @Override
  public CompletionStage<TopicReply> deleteTopic(String name) {
    return taken(ask(replyTo -> new Catalog.DeleteTopic(name, replyTo)));
  }

  @Override
  public CompletionStage<GroupReply> lookUpGroup(String name) {
    return shared(groupLookUps, name, replyTo -> new Catalog.GetGroup(name, replyTo));
  }

  @Override
  public CompletionStage<GroupReply> putGroup(SubscriptionGroupConfig group) {
    return taken(ask(replyTo -> new Catalog.PutGroup(group, replyTo)));
  }

  @Override
  public CompletionStage<GroupReply> deleteGroup(String name) {
    return taken(ask(replyTo -> new Catalog.DeleteGroup(name, replyTo)));
  }

  @Override
  public CompletionStage<TopicReply> lookUpTopic(String name) {
    return shared(topicLookUps, name, replyTo -> new Catalog.GetTopic(name, replyTo));
  }

  @Override
  public CompletionStage<TopicReply> ensureTopic(TopicConfig wanted) {
    TopicFound known = copy.topicFound(wanted.name());
    if (known != null) {
      return CompletableFuture.completedStage(known);
    }
    return shared(topicEnsures, wanted.name(), replyTo -> new Catalog.EnsureTopic(wanted, replyTo));
  }

  @Override
  public CompletionStage<GroupReply> ensureGroup(SubscriptionGroupConfig wanted) {
    GroupFound known = copy.groupFound(wanted.name());
    if (known != null) {
      return CompletableFuture.completedStage(known);
    }
    return shared(groupEnsures, wanted.name(), replyTo -> new Catalog.EnsureGroup(wanted, replyTo));
  }

  /** The answer that is under way for the name, or else that of a new question. */
  private <R> CompletionStage<R> shared(
      ConcurrentMap<String, CompletableFuture<R>> underway,
      String name,
      Function<ActorRef<R>, Catalog.Command> question) {
    CompletableFuture<R> answer = new CompletableFuture<>();
    CompletableFuture<R> other = underway.putIfAbsent(name, answer);
    if (other != null) {
      return other.minimalCompletionStage();
    }
    ask(question)
        .whenComplete(
            (reply, failure) -> {
              if (reply != null) {
                take(reply);
              }
              underway.remove(name, answer);
              if (reply != null) {
                answer.complete(reply);
              } else {
                answer.completeExceptionally(unreachable(failure));
              }
            });
    return answer.minimalCompletionStage();
  }

  /** The answer once this copy has it, or a failure of the one kind. */
  private <R> CompletionStage<R> taken(CompletionStage<R> asked) {
    return asked.handle(
        (reply, failure) -> {
          if (reply == null) {
            throw unreachable(failure);
          }
          take(reply);
          return reply;
        });
  }

  private <R> CompletionStage<R> ask(Function<ActorRef<R>, Catalog.Command> question) {
    if (open.incrementAndGet() > settings.asksMax()) {
      open.decrementAndGet();
      return CompletableFuture.failedStage(
          new CatalogUnreachableException(settings.asksMax() + " questions to it are open"));
    }
    return whereCatalogIs()
        .thenCompose(
            actor -> AskPattern.ask(actor, question, settings.askTimeout(), system.scheduler()))
        .whenComplete((reply, failure) -> open.decrementAndGet());
  }

  private CompletionStage<ActorRef<Catalog.Command>> whereCatalogIs() {
    ActorRef<Catalog.Command> known = catalog;
    if (known != null) {
      return CompletableFuture.completedStage(known);
    }
    CompletableFuture<ActorRef<Catalog.Command>> found = new CompletableFuture<>();
    long ticket = tickets.incrementAndGet();
    waitingForCatalog.put(ticket, found);
    CompletionStage<ActorRef<Catalog.Command>> inTime =
        found
            .orTimeout(settings.askTimeout().toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete((actor, failure) -> waitingForCatalog.remove(ticket));
    answerWaiting(); // it may have become known since we looked
    return inTime;
  }

  private void answerWaiting() {
    ActorRef<Catalog.Command> known = catalog;
    if (known != null) {
      waitingForCatalog.values().forEach(found -> found.complete(known));
    }
  }

  private void take(Object reply) {
    if (reply instanceof TopicFound found) {
      copy.takeTopic(found.topic(), found.revision());
    } else if (reply instanceof GroupFound found) {
      copy.takeTopic(found.retryTopic(), found.revision());
      copy.takeGroup(found.group(), found.revision());
    } else if (reply instanceof TopicGone gone) {
      copy.dropTopic(gone.name(), gone.revision());
    } else if (reply instanceof GroupGone gone) {
      copy.dropTopic(CatalogRules.RETRY_PREFIX + gone.name(), gone.revision());
      copy.dropGroup(gone.name(), gone.revision());
    }
  }

  private static CatalogUnreachableException unreachable(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof CatalogUnreachableException already
        ? already
        : new CatalogUnreachableException("the catalog didn't answer in time", cause);
  }
}
