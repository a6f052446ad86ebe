import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];

export type Library = Schemas["FolderLibrary"];
export type LibraryKind = Schemas["LibraryKind"];
export type Folders = Schemas["Folders"];
export type Item = Schemas["MediaItemResponse"];
export type ItemPage = Schemas["ItemPage"];
export type ItemDetails = Schemas["ItemDetails"];
export type Stream = Schemas["StreamDetail"];
export type Facets = Schemas["Facets"];
export type Facet = Schemas["Facet"];
export type Job = Schemas["TranscodeJobResponse"];
export type JobPage = Schemas["JobPage"];
export type Plan = Schemas["Plan"];
export type DryRun = Schemas["DryRunResponse"];
export type Forecast = Schemas["ForecastResponse"];
export type QueueStats = Schemas["QueueStatsResponse"];
export type Original = Schemas["QuarantinedOriginal"];
export type Recommendation = Schemas["RecommendationResponse"];
export type RecommendationState = Schemas["RecommendationState"];
export type RecommendationSort = Schemas["RecommendationSort"];
export type AnalysisRun = Schemas["AnalysisRun"];
export type Preset = Schemas["TranscodePresetResponse"];
export type PresetFields = Schemas["TranscodePresetCreate"];
export type KnownSetting = Schemas["KnownSetting"];
export type Task = Schemas["Task"];
export type LogEntry = Schemas["LogEntry"];
