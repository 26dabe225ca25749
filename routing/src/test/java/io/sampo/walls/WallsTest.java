package io.sampo.walls;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.sampo.storage.log.LogSlice;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;

/**
 * The walls between modules and packages: calls go down (routing, actors, cluster, storage,
 * client-api), answers come back through reply references, and each module sees only the libraries
 * that its job needs. The reasons are in docs/architecture.md.
 */
@AnalyzeClasses(packages = "io.sampo", importOptions = ImportOption.DoNotIncludeTests.class)
final class WallsTest {
  private static final String CLIENT_API_WIRE = "io.sampo.wire..";
  private static final String CLIENT_API_RECORD = "io.sampo.record..";
  private static final String CLIENT_API_CLIENT = "io.sampo.client..";
  private static final String STORAGE = "io.sampo.storage..";
  private static final String CLUSTER = "io.sampo.cluster..";
  private static final String ACTORS = "io.sampo.actors..";
  private static final String ROUTING = "io.sampo.routing..";
  private static final String PEKKO = "org.apache.pekko..";
  private static final String SCALA = "scala..";
  private static final String NETTY = "io.netty..";
  private static final String NETTY_TRANSPORT = "io.netty.channel..";
  private static final String GRPC = "io.grpc..";

  @ArchTest
  static void everyModuleIsLookedAt(JavaClasses all) {
    for (String module : new String[] {"wire", "storage", "cluster", "actors", "routing"}) {
      assertThat(all)
          .as("classes of io.sampo." + module)
          .anyMatch(type -> (type.getPackageName() + ".").startsWith("io.sampo." + module + "."));
    }
  }

  @ArchTest
  static final ArchRule CLIENT_API_STANDS_ALONE =
      noClasses()
          .that()
          .resideInAnyPackage(CLIENT_API_WIRE, CLIENT_API_RECORD, CLIENT_API_CLIENT)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(PEKKO, SCALA, STORAGE, CLUSTER, ACTORS, ROUTING);

  @ArchTest
  static final ArchRule WIRE_AND_RECORD_DO_NOT_KNOW_THE_CLIENT =
      noClasses()
          .that()
          .resideInAnyPackage(CLIENT_API_WIRE, CLIENT_API_RECORD)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(CLIENT_API_CLIENT);

  @ArchTest
  static final ArchRule STORAGE_IS_PLAIN_JAVA =
      noClasses()
          .that()
          .resideInAPackage(STORAGE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              PEKKO, SCALA, NETTY_TRANSPORT, CLUSTER, ACTORS, ROUTING, CLIENT_API_CLIENT);

  @ArchTest
  static final ArchRule CLUSTER_HAS_NO_SOCKETS_OF_NETTY =
      noClasses()
          .that()
          .resideInAPackage(CLUSTER)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(NETTY, ACTORS, ROUTING, CLIENT_API_CLIENT);

  @ArchTest
  static final ArchRule THE_REPLICATION_PROTOCOL_IS_PURE =
      classes()
          .that()
          .resideInAPackage("io.sampo.cluster.protocol..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("io.sampo.cluster.protocol..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule ACTORS_DO_NOT_KNOW_THE_WIRE =
      noClasses()
          .that()
          .resideInAPackage(ACTORS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(NETTY, GRPC, ROUTING, CLIENT_API_CLIENT);

  @ArchTest
  static final ArchRule ROUTING_TAKES_ONLY_SLICES_FROM_STORAGE =
      noClasses()
          .that()
          .resideInAPackage(ROUTING)
          .should()
          .dependOnClassesThat(
              are(resideInAPackage(STORAGE).and(DescribedPredicate.not(type(LogSlice.class)))));

  @ArchTest
  static final ArchRule ONLY_THE_QUICKSTART_USES_THE_CLIENT =
      noClasses()
          .that()
          .resideInAnyPackage("io.sampo.routing.net..", "io.sampo.routing.request..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(CLIENT_API_CLIENT);

  @ArchTest
  static final ArchRule NOBODY_CALLS_THE_PROGRAM =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.sampo.routing.boot..", "io.sampo.bench..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.sampo.routing.boot..");

  @ArchTest
  static final ArchRule MODULES_HAVE_NO_CYCLES =
      slices().matching("io.sampo.(*)..").should().beFreeOfCycles();

  // The packages of storage and of actors are chapters of one thing each: a log with its index and
  // recovery, a leader with what it leads. Their classes name each other.

  @ArchTest
  static final ArchRule PACKAGES_OF_CLUSTER_HAVE_NO_CYCLES =
      slices().matching("io.sampo.cluster.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule PACKAGES_OF_ROUTING_HAVE_NO_CYCLES =
      slices().matching("io.sampo.routing.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule NOTHING_IS_SERIALIZED_BY_JAVA =
      noClasses()
          .should()
          .dependOnClassesThat(
              are(type(ObjectOutputStream.class).or(type(ObjectInputStream.class))));

  @ArchTest
  static final ArchRule NAMES_SAY_WHAT_A_CLASS_IS =
      noClasses().should().haveNameMatching(".*(Util|Utils|Helper|Helpers|Manager|Info)(\\$.*)?");

  @ArchTest
  static final ArchRule NOBODY_PRINTS_BUT_THE_PROGRAM =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.sampo.routing.boot..", "io.sampo.bench..")
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");

  private static DescribedPredicate<JavaClass> type(Class<?> type) {
    return JavaClass.Predicates.type(type);
  }
}
