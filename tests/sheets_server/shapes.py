"""The messages of both interfaces: which fields each has, and the message that a field holds. Masks and bodies are checked against it."""

from __future__ import annotations

from .masks import Shape

LISTS: set[tuple[str, str]] = set()
"""(message, field) of each field that holds a list."""


def _read(text: str) -> Shape:
    """Lines `Message: field field:Message list[]:Message …`."""
    messages: dict[str, dict[str, str]] = {}
    for line in text.strip().splitlines():
        name, _, fields = line.strip().partition(": ")
        for field in fields.split():
            title, _, held = field.partition(":")
            if title.endswith("[]"):
                title = title.removesuffix("[]")
                LISTS.add((name, title))
            messages.setdefault(name, {})[title] = held
    return messages


DRIVE = _read("""
FileList: kind incompleteSearch files:File nextPageToken
File: kind driveId fileExtension copyRequiresWriterPermission md5Checksum contentHints:Any writersCanShare viewedByMe mimeType
File: exportLinks:Any
File: parents thumbnailLink iconLink shared lastModifyingUser:User owners:User headRevisionId sharingUser:User webViewLink
File: webContentLink size
File: viewersCanCopyContent permissions:Permission hasThumbnail spaces folderColorRgb id name description starred trashed
File: explicitlyTrashed
File: createdTime modifiedTime modifiedByMeTime viewedByMeTime sharedWithMeTime quotaBytesUsed version originalFilename ownedByMe
File: fullFileExtension properties:Any appProperties:Any isAppAuthorized teamDriveId capabilities:Any hasAugmentedPermissions
File: trashingUser:User
File: thumbnailVersion trashedTime modifiedByMe permissionIds imageMediaMetadata:Any videoMediaMetadata:Any shortcutDetails:Any
File: contentRestrictions:Any resourceKey linkShareMetadata:Any labelInfo:Any sha1Checksum sha256Checksum
User: kind displayName photoLink me permissionId emailAddress
PermissionList: kind nextPageToken permissions:Permission
Permission: id displayName type kind permissionDetails:Any photoLink emailAddress role allowFileDiscovery domain expirationTime
Permission: teamDrivePermissionDetails:Any deleted view pendingOwner inheritedPermissionsDisabled
DriveList: kind nextPageToken drives:Drive
Drive: id name colorRgb kind backgroundImageLink capabilities:Any themeId backgroundImageFile:Any createdTime hidden
Drive: restrictions:Any orgUnitId
About: kind user:User storageQuota:Quota driveThemes:Any canCreateDrives importFormats:Any exportFormats:Any appInstalled
About: folderColorPalette
About: maxImportSizes:Any maxUploadSize teamDriveThemes:Any canCreateTeamDrives
Quota: limit usage usageInDrive usageInDriveTrash
""")

SHEETS = _read("""
Spreadsheet: spreadsheetId properties:SpreadsheetProperties sheets[]:Sheet namedRanges[]:NamedRange spreadsheetUrl
Spreadsheet: developerMetadata[]:DeveloperMetadata dataSources[]:Any dataSourceSchedules[]:Any
SpreadsheetProperties: title locale autoRecalc timeZone defaultFormat:CellFormat iterativeCalculationSettings:Any
SpreadsheetProperties: spreadsheetTheme:Any
SpreadsheetProperties: importFunctionsExternalUrlAccessAllowed
Sheet: properties:SheetProperties data[]:GridData merges[]:GridRange conditionalFormats[]:ConditionalFormatRule filterViews[]:Any
Sheet: protectedRanges[]:ProtectedRange basicFilter:BasicFilter charts[]:Any bandedRanges[]:Any developerMetadata[]:DeveloperMetadata
Sheet: rowGroups[]:Any
Sheet: columnGroups[]:Any slicers[]:Any tables[]:Any
SheetProperties: sheetId title index sheetType gridProperties:GridProperties hidden tabColor:Color tabColorStyle:ColorStyle
SheetProperties: rightToLeft
SheetProperties: dataSourceSheetProperties:Any
GridProperties: rowCount columnCount frozenRowCount frozenColumnCount hideGridlines rowGroupControlAfter columnGroupControlAfter
GridData: startRow startColumn rowData[]:RowData rowMetadata[]:DimensionProperties columnMetadata[]:DimensionProperties
RowData: values[]:CellData
DimensionProperties: hiddenByFilter hiddenByUser pixelSize developerMetadata[]:DeveloperMetadata dataSourceColumnReference:Any
CellData: userEnteredValue:ExtendedValue effectiveValue:ExtendedValue formattedValue userEnteredFormat:CellFormat
CellData: effectiveFormat:CellFormat
CellData: hyperlink note textFormatRuns[]:TextFormatRun dataValidation:DataValidationRule pivotTable:Any dataSourceTable:Any
CellData: dataSourceFormula:Any chipRuns[]:Any
ExtendedValue: numberValue stringValue boolValue formulaValue errorValue:ErrorValue
ErrorValue: type message
CellFormat: numberFormat:NumberFormat backgroundColor:Color backgroundColorStyle:ColorStyle borders:Borders padding:Padding
CellFormat: horizontalAlignment verticalAlignment wrapStrategy textDirection textFormat:TextFormat hyperlinkDisplayType
CellFormat: textRotation:TextRotation
NumberFormat: type pattern
Color: red green blue alpha
ColorStyle: rgbColor:Color themeColor
Borders: top:Border bottom:Border left:Border right:Border
Border: style width color:Color colorStyle:ColorStyle
Padding: top right bottom left
TextRotation: angle vertical
TextFormat: foregroundColor:Color foregroundColorStyle:ColorStyle fontFamily fontSize bold italic strikethrough underline
TextFormat: link:Link
Link: uri
TextFormatRun: startIndex format:TextFormat
DataValidationRule: condition:BooleanCondition inputMessage strict showCustomUi
BooleanCondition: type values[]:ConditionValue
ConditionValue: relativeDate userEnteredValue
GridRange: sheetId startRowIndex endRowIndex startColumnIndex endColumnIndex
DimensionRange: sheetId dimension startIndex endIndex
GridCoordinate: sheetId rowIndex columnIndex
ConditionalFormatRule: ranges[]:GridRange booleanRule:BooleanRule gradientRule:GradientRule
BooleanRule: condition:BooleanCondition format:CellFormat
GradientRule: minpoint:InterpolationPoint midpoint:InterpolationPoint maxpoint:InterpolationPoint
InterpolationPoint: color:Color colorStyle:ColorStyle type value
ProtectedRange: protectedRangeId range:GridRange namedRangeId tableId description warningOnly requestingUserCanEdit
ProtectedRange: unprotectedRanges[]:GridRange
ProtectedRange: editors:Editors
Editors: users[] groups[] domainUsersCanEdit
NamedRange: namedRangeId name range:GridRange
BasicFilter: range:GridRange sortSpecs[]:SortSpec criteria:Any filterSpecs[]:FilterSpec tableId
FilterSpec: filterCriteria:FilterCriteria columnIndex dataSourceColumnReference:Any
FilterCriteria: hiddenValues[] condition:BooleanCondition visibleBackgroundColor:Color visibleBackgroundColorStyle:ColorStyle
FilterCriteria: visibleForegroundColor:Color visibleForegroundColorStyle:ColorStyle
SortSpec: dimensionIndex sortOrder foregroundColor:Color foregroundColorStyle:ColorStyle backgroundColor:Color
SortSpec: backgroundColorStyle:ColorStyle
SortSpec: dataSourceColumnReference:Any
DeveloperMetadata: metadataId metadataKey metadataValue location:MetadataLocation visibility
MetadataLocation: locationType spreadsheet sheetId dimensionRange:DimensionRange
ValueRange: range majorDimension values[]
BatchGetValuesResponse: spreadsheetId valueRanges[]:ValueRange
UpdateValuesResponse: spreadsheetId updatedRange updatedRows updatedColumns updatedCells updatedData:ValueRange
AppendValuesResponse: spreadsheetId tableRange updates:UpdateValuesResponse
ClearValuesResponse: spreadsheetId clearedRange
BatchClearValuesResponse: spreadsheetId clearedRanges[]
BatchUpdateValuesResponse: spreadsheetId totalUpdatedRows totalUpdatedColumns totalUpdatedCells totalUpdatedSheets
BatchUpdateValuesResponse: responses[]:UpdateValuesResponse
BatchUpdateResponse: spreadsheetId replies[]:Any updatedSpreadsheet:Spreadsheet
BatchUpdateBody: requests[]:Request includeSpreadsheetInResponse responseRanges[] responseIncludeGridData
BatchUpdateValuesBody: valueInputOption data[]:ValueRange includeValuesInResponse responseValueRenderOption
BatchUpdateValuesBody: responseDateTimeRenderOption
BatchClearBody: ranges[]
CopyToBody: destinationSpreadsheetId
Request: updateSpreadsheetProperties:UpdateSpreadsheetProperties updateSheetProperties:UpdateSheetProperties addSheet:AddSheet
Request: deleteSheet:OfSheet duplicateSheet:DuplicateSheet updateCells:UpdateCells appendCells:AppendCells repeatCell:RepeatCell
Request: updateDimensionProperties:UpdateDimension appendDimension:AppendDimension insertDimension:InsertDimension
Request: deleteDimension:OfDimension moveDimension:MoveDimension autoResizeDimensions:AutoResize mergeCells:MergeCells
Request: unmergeCells:OfRange
Request: copyPaste:CopyPaste cutPaste:CutPaste findReplace:FindReplace sortRange:SortRange setDataValidation:SetValidation
Request: addProtectedRange:AddProtected updateProtectedRange:UpdateProtected deleteProtectedRange:DeleteProtected
Request: addConditionalFormatRule:AddRule updateConditionalFormatRule:UpdateRule deleteConditionalFormatRule:DeleteRule
Request: addNamedRange:AddNamed updateNamedRange:UpdateNamed deleteNamedRange:DeleteNamed updateBorders:UpdateBorders
Request: setBasicFilter:SetFilter clearBasicFilter:OfSheet createDeveloperMetadata:CreateMetadata
UpdateSpreadsheetProperties: properties:SpreadsheetProperties fields
UpdateSheetProperties: properties:SheetProperties fields
AddSheet: properties:SheetProperties
OfSheet: sheetId
DuplicateSheet: sourceSheetId insertSheetIndex newSheetId newSheetName
UpdateCells: rows[]:RowData fields start:GridCoordinate range:GridRange
AppendCells: sheetId tableId rows[]:RowData fields
RepeatCell: range:GridRange cell:CellData fields
UpdateDimension: range:DimensionRange dataSourceSheetRange:Any properties:DimensionProperties fields
AppendDimension: sheetId dimension length tableId
InsertDimension: range:DimensionRange inheritFromBefore
OfDimension: range:DimensionRange
MoveDimension: source:DimensionRange destinationIndex
AutoResize: dimensions:DimensionRange dataSourceSheetDimensions:Any
MergeCells: range:GridRange mergeType
OfRange: range:GridRange
CopyPaste: source:GridRange destination:GridRange pasteType pasteOrientation
CutPaste: source:GridRange destination:GridCoordinate pasteType
FindReplace: find replacement matchCase matchEntireCell searchByRegex includeFormulas range:GridRange sheetId allSheets
SortRange: range:GridRange sortSpecs[]:SortSpec
SetValidation: range:GridRange rule:DataValidationRule filteredRowsIncluded
AddProtected: protectedRange:ProtectedRange
UpdateProtected: protectedRange:ProtectedRange fields
DeleteProtected: protectedRangeId
AddRule: rule:ConditionalFormatRule index
UpdateRule: index sheetId rule:ConditionalFormatRule newIndex
DeleteRule: index sheetId
AddNamed: namedRange:NamedRange
UpdateNamed: namedRange:NamedRange fields
DeleteNamed: namedRangeId
UpdateBorders: range:GridRange top:Border bottom:Border left:Border right:Border innerHorizontal:Border innerVertical:Border
SetFilter: filter:BasicFilter
CreateMetadata: developerMetadata:DeveloperMetadata
""")

INTEGERS = {
    "sheetId", "sourceSheetId", "newSheetId", "index", "newIndex", "insertSheetIndex", "rowCount", "columnCount", "frozenRowCount",
    "frozenColumnCount", "startRow", "startColumn", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex",
    "startIndex", "endIndex", "rowIndex", "columnIndex", "dimensionIndex", "destinationIndex", "pixelSize", "protectedRangeId",
    "length", "fontSize", "metadataId",
}  # fmt: skip
"""Fields that hold whole numbers."""

FIGURES = {"red", "green", "blue", "alpha", "numberValue"}
"""Fields that hold numbers of any kind."""

BOOLEANS = {
    "hidden", "rightToLeft", "hideGridlines", "rowGroupControlAfter", "columnGroupControlAfter", "hiddenByFilter", "hiddenByUser",
    "boolValue", "bold", "italic", "strikethrough", "underline", "strict", "showCustomUi", "warningOnly", "requestingUserCanEdit",
    "domainUsersCanEdit", "spreadsheet", "inheritFromBefore", "matchCase", "matchEntireCell", "searchByRegex", "includeFormulas",
    "allSheets", "includeSpreadsheetInResponse", "responseIncludeGridData", "includeValuesInResponse", "filteredRowsIncluded",
    "vertical",
}  # fmt: skip
"""Fields that hold true or false."""
